import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../cluster/client.ts';
import type { PodChaosSpec } from '../../experiment/spec.ts';
import { chaosStatus, takeOver } from '../testing/chaos-mesh-acts.ts';
import { fakePod, fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';

const labels = { 'k8s-app': 'kube-dns' };
const failure: PodChaosSpec = {
  kind: 'pod-chaos',
  action: 'pod-failure',
  select: { namespace: 'kube-system', labels },
  mode: 'all',
  containerNames: [],
  duration: '20s',
};

/** The pods keep their names and get the pause image; their containers end six seconds later. */
function fails(world: FakeWorld, chaos: KubeObject): void {
  takeOver(world, chaos, chaosStatus('injected'));
  world.workers.forEach((worker, index) => {
    world.api.remove('Pod', `coredns-${index}`);
    world.api.objects.push(
      fakePod({
        name: `coredns-${index}`,
        node: worker.name,
        container: 'coredns',
        labels,
        image: 'example/pause:latest',
      }),
    );
    world.clock.after(6_000, () => worker.kill('coredns', 500));
  });
}

function recovers(world: FakeWorld, chaos: KubeObject): void {
  const record = { injectedCount: 1, recoveredCount: 1 };
  takeOver(world, chaos, { experiment: { desiredPhase: 'Stop', containerRecords: [record] } });
  world.clock.after(1_000, () => world.api.remove('PodChaos', chaos.metadata.name));
}

describe('pod-failure', () => {
  it('is confirmed by the pause image and the ended container, and is over after its duration', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        fails(here, chaos);
        here.clock.after(20_000, () => recovers(here, chaos));
      },
    });
    const { kills, targets } = await world.inject(failure);
    expect(kills).toBeNull();
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['confirmed', 'confirmed']);
    expect(targets[0]?.evidence.join('\n')).toContain(
      'api: pod kube-system/coredns-0 now has the image example/pause:latest',
    );
    expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(21_000);
  });

  it('lasts until the heal when it has no duration', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => fails(here, chaos) });
    await world.inject({ ...failure, duration: null });
    expect(world.clock.monotonicMs()).toBeLessThan(15_000);
    expect(world.api.objects.some(({ kind }) => kind === 'PodChaos')).toBe(true);
  });

  it('is unconfirmed when only the image of a mirror pod changed', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        takeOver(here, chaos, chaosStatus('injected'));
        const [pod] = here.api.objects;
        if (pod)
          here.api.merge('Pod', pod.metadata.name, {
            spec: { nodeName: 'cp', containers: [{ name: 'kube-apiserver', image: 'pause' }] },
          });
        here.clock.after(25_000, () => recovers(here, chaos));
      },
    });
    const select = { namespace: 'kube-system', labels: { component: 'kube-apiserver' } };
    const { targets } = await world.inject({ ...failure, select });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toContain(
      'Chaos Mesh said AllInjected=True, but container cp-kube-apis of kube-apiserver on cp kept',
    );
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => fails(here, chaos) });
    const { targets } = await world.inject(failure, { sabotaged: true });
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['unconfirmed', 'unconfirmed']);
  });

  it('fails when it does not recover in time', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => fails(here, chaos) });
    await expect(world.inject(failure)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('has not recovered'),
    });
  });
});
