import { describe, expect, it } from 'vitest';
import type { PodChaosSpec } from '../../experiment/spec.ts';
import { chaosStatus, takeOver } from '../testing/chaos-mesh-acts.ts';
import { fakePod, fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';
import type { KubeObject } from '../../cluster/client.ts';

const labels = { 'k8s-app': 'kube-dns' };
const killCoreDns: PodChaosSpec = {
  kind: 'pod-chaos',
  action: 'pod-kill',
  select: { namespace: 'kube-system', labels },
  mode: 'one',
  containerNames: [],
  duration: null,
};
const killApiServer: PodChaosSpec = {
  ...killCoreDns,
  select: { namespace: 'kube-system', labels: { component: 'kube-apiserver' } },
};

/** Deletes the pods that the object names; the kubelet ends their containers, the controller makes new ones. */
function killsPods(world: FakeWorld, chaos: KubeObject): void {
  world.api.merge('PodChaos', chaos.metadata.name, { status: chaosStatus('injected') });
  const { pods } = (chaos.spec as { selector: { pods: Record<string, string[]> } }).selector;
  for (const name of pods['kube-system'] ?? []) {
    const worker = world.workers[Number(name.at(-1))];
    world.api.remove('Pod', name);
    world.clock.after(900, () => worker?.kill('coredns'));
    world.clock.after(1_000, () =>
      world.api.objects.push(fakePod({ name: `${name}-new`, node: worker?.name ?? '', container: 'coredns', labels })),
    );
  }
}

/** The pod that is killed with this seed. */
async function chosen(seed: number): Promise<string | undefined> {
  const world = fakeWorld({ seed, onPodChaos: (chaos, here) => killsPods(here, chaos) });
  return (await world.inject(killCoreDns)).targets[0]?.name;
}

describe('pod-kill', () => {
  it('is confirmed by the ended container and the replaced pod', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsPods(here, chaos) });
    const { kills, targets } = await world.inject({ ...killCoreDns, mode: 'all' });
    expect(kills).toBe(2);
    expect(targets.map(({ name, confirmation }) => [name, confirmation])).toEqual([
      ['kube-system/coredns-0', 'confirmed'],
      ['kube-system/coredns-1', 'confirmed'],
    ]);
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toMatch(/crictl: coredns on worker: container worker-cored ended 1\.0 s after/);
    expect(evidence).toContain(
      'api: pod kube-system/coredns-0, uid uid-coredns-0, is gone, replaced by coredns-0-new on worker',
    );
    expect(evidence).toContain('chaos-mesh: said injected, Selected=True AllInjected=True');
  });

  it('tells the replacement from a pod that was there before', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsPods(here, chaos) });
    const [target] = (await world.inject(killCoreDns)).targets;
    const killed = target?.name.replace('kube-system/', '') ?? '';
    expect(target?.evidence.join('\n')).toContain(`is gone, replaced by ${killed}-new on`);
  });

  it('hits the same pod with the same seed', async () => {
    const seeds = [1, 7, 42, 99, 1_234, 5_678, 31_337, 65_537];
    const first = await Promise.all(seeds.map(chosen));
    expect(await Promise.all(seeds.map(chosen))).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it('of a mirror pod is unconfirmed and says what only seemed to happen', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        here.api.merge('PodChaos', chaos.metadata.name, { status: chaosStatus('injected') });
        here.api.remove('Pod', 'kube-apiserver-cp');
      },
    });
    const { kills, targets } = await world.inject(killApiServer);
    expect(kills).toBe(0);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toBe(
      'Chaos Mesh said AllInjected=True, but container cp-kube-apis of kube-apiserver on cp kept its id and start time 2026-01-01T00:00:01Z: only the mirror pod was deleted',
    );
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsPods(here, chaos) });
    const { kills, targets } = await world.inject(killCoreDns, { sabotaged: true });
    expect(kills).toBe(0);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence.join('\n')).toMatch(/api: pod kube-system\/coredns-\d still has uid/);
  });

  it('is unconfirmed when the pod is gone but its container runs on', async () => {
    const world = fakeWorld({
      onPodChaos: (_chaos, here) => ['coredns-0', 'coredns-1'].forEach((name) => here.api.remove('Pod', name)),
    });
    const { targets } = await world.inject(killCoreDns);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('says so when the node cannot be looked at, instead of that nothing changed', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        killsPods(here, chaos);
        here.workers.forEach((worker) => worker.setReachable(false));
      },
    });
    const { targets } = await world.inject(killCoreDns);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence.join('\n')).toMatch(/crictl: .* could not be looked at: node worker2? does not answer/);
  });

  it('leaves no PodChaos behind for the next step', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        killsPods(here, chaos);
        takeOver(here, chaos, chaosStatus('injected'));
        here.clock.after(40_000, () => here.api.remove('PodChaos', chaos.metadata.name));
      },
    });
    await world.inject(killCoreDns);
    expect(world.api.objects.some(({ kind }) => kind === 'PodChaos')).toBe(false);
    expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(40_000);
  });

  it('injects nothing when the selector selects nothing, and names the pod that was most likely meant', async () => {
    const world = fakeWorld();
    const { targets } = await world.inject({
      ...killApiServer,
      select: { namespace: 'kube-system', labels: { app: 'kube-apiserver' } },
    });
    expect(targets).toEqual([
      {
        name: 'app=kube-apiserver in kube-system',
        confirmation: 'unconfirmed',
        evidence: [
          'selected nothing: no pod in kube-system has app=kube-apiserver; kube-apiserver-cp is there, with the labels component=kube-apiserver,tier=control-plane',
        ],
      },
    ]);
    expect(world.performed).toEqual([]);
    expect(world.events.map(({ type }) => type)).toEqual(['fault-started', 'fault-confirmed']);
  });
});
