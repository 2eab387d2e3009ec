import { describe, expect, it } from 'vitest';
import type { PodChaosSpec } from '../../experiment/spec.ts';
import { chaosStatus, killsApiServer, staleController, takeOver } from '../testing/chaos-mesh-acts.ts';
import { fakePod, fakeWorld } from '../testing/fake-cluster.ts';

const kill: PodChaosSpec = {
  kind: 'pod-chaos',
  action: 'container-kill',
  select: { namespace: 'kube-system', labels: { component: 'kube-apiserver' } },
  mode: 'one',
  containerNames: ['kube-apiserver'],
  duration: null,
};

const killCoreDns: PodChaosSpec = {
  ...kill,
  select: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  mode: 'all',
  containerNames: ['coredns'],
};

describe('container-kill of kube-apiserver', () => {
  it('is confirmed by the ended container and by refused requests, and counts one kill', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsApiServer(here, chaos) });
    const { kills, targets } = await world.inject(kill);
    expect(kills).toBe(1);
    expect(targets).toEqual([
      expect.objectContaining({ name: 'kube-system/kube-apiserver-cp/kube-apiserver', confirmation: 'confirmed' }),
    ]);
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toMatch(/crictl: kube-apiserver on cp: container cp-kube-apis.* ended .*attempt 1, running/);
    expect(evidence).toMatch(/prober: lane api: .*connect:refused on worker/);
  });

  it('tells when Chaos Mesh said failed although the container was killed', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsApiServer(here, chaos) });
    const { targets } = await world.inject(kill);
    expect(targets[0]?.evidence[0]).toMatch(
      /^chaos-mesh: last said failed, .*no running task found.*but the container was killed$/,
    );
  });

  it('sends the delete first when the kill is seen, again every 200 ms, until the object is not found', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsApiServer(here, chaos) });
    await world.inject(kill);
    const calls = world.api.calls.filter((call) => call.includes('PodChaos'));
    const afterCreate = calls.slice(calls.findIndex((call) => call.startsWith('create')) + 1);
    expect(afterCreate[0]).toBe('delete PodChaos chaos-mesh/blackstart-r1-step');
    expect(afterCreate.filter((call) => call.startsWith('delete')).length).toBeGreaterThan(10);
    expect(afterCreate.at(-1)).toBe('get PodChaos chaos-mesh/blackstart-r1-step');
    expect(world.api.objects.some(({ kind }) => kind === 'PodChaos')).toBe(false);
  });

  it('holds the controller of Chaos Mesh until the delete is accepted, then lets it begin anew: it cannot kill again', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => staleController(here, chaos),
      onFreeze: (id, here) => here.workers[0]?.freezeNow(id),
    });
    const controller = world.workers[0]?.run('chaos-mesh', 'chaos-controller-manager-1', 0, 'chaos-mesh');
    const { kills, targets } = await world.inject(kill);
    expect([kills, targets[0]?.confirmation]).toEqual([1, 'confirmed']);
    expect(world.performed.at(-1)).toBe('hold chaos-mesh on worker');
    expect(targets[0]?.evidence).toContainEqual(
      expect.stringMatching(/^chaos-mesh: its controller was held for \d\.\d s, until the delete was accepted/),
    );
    const [newest] = (await world.workers[0]?.containers.find('chaos-mesh')) ?? [];
    expect(newest).toMatchObject({ attempt: 1, state: 'running' });
    expect(newest?.id).not.toBe(controller?.id);
  });

  it('tries again to end the controller that it holds, when its node did not answer', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => staleController(here, chaos),
      onFreeze: (id, here) => here.workers[0]?.freezeNow(id),
    });
    const [worker] = world.workers;
    worker?.run('chaos-mesh', 'chaos-controller-manager-1', 0, 'chaos-mesh');
    let tries = 0;
    const containers = { ...worker?.containers };
    Object.assign(worker?.containers ?? {}, {
      stop: async (id: string) => {
        if (++tries === 1) throw new Error('node worker does not answer');
        await containers.stop?.(id);
      },
    });
    expect((await world.inject(kill)).kills).toBe(1);
    expect(tries).toBe(2);
  });

  it('ends its PodChaos also when the controller cannot be held, and says so', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => killsApiServer(here, chaos),
      onFreeze: () => {
        throw new Error('the container has no process');
      },
    });
    world.workers[0]?.run('chaos-mesh', 'chaos-controller-manager-1', 0, 'chaos-mesh');
    const { kills, targets } = await world.inject(kill);
    expect([kills, targets[0]?.confirmation]).toEqual([1, 'confirmed']);
    expect(targets[0]?.evidence).toContain('chaos-mesh: its controller was not held');
    expect(world.events).toContainEqual({ type: 'note', message: expect.stringContaining('could not be held') });
  });

  it('is over only when the API is ready three times in a row', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        here.controlPlane.kill('kube-apiserver', 1_000);
        here.observations.see('api', 'connect:refused');
        here.api.remove('PodChaos', chaos.metadata.name);
        // Ready for a moment, then away again.
        here.clock.after(500, () => here.api.setUp(false));
        here.clock.after(9_000, () => here.api.setUp(true));
      },
    });
    await world.inject(kill);
    expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(9_600);
  });

  it('is a mismatch when the container was killed more often than asked', async () => {
    // The server lives too shortly between the two kills for a delete to be accepted.
    const world = fakeWorld({
      onPodChaos: (_chaos, here) => {
        here.api.setUp(false);
        here.observations.see('api', 'connect:refused');
        here.controlPlane.kill('kube-apiserver', 200);
        here.clock.after(900, () => here.controlPlane.kill('kube-apiserver', 2_000));
        here.clock.after(5_000, () => here.api.setUp(true));
      },
    });
    const { kills, targets } = await world.inject(kill);
    expect(kills).toBe(2);
    expect(targets[0]?.confirmation).toBe('mismatch');
    expect(targets[0]?.evidence.join('\n')).toMatch(/crictl: kube-apiserver on cp: killed 2 times, asked once/);
  });

  it('is unconfirmed when the container keeps its id, and repeats what Chaos Mesh said of it', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) =>
        here.api.merge('PodChaos', chaos.metadata.name, {
          status: chaosStatus('failed', 'cannot find daemonIP on node cp'),
        }),
    });
    const { kills, targets } = await world.inject(kill);
    expect(kills).toBe(0);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toMatch(/chaos-mesh: last said failed.*cannot find daemonIP on node cp/);
    expect(evidence).toMatch(/crictl: .* kept its id and its start time 2026/);
  });

  it('is unconfirmed when it is sabotaged, and then makes nothing', async () => {
    const world = fakeWorld({ onPodChaos: (chaos, here) => killsApiServer(here, chaos) });
    const { targets } = await world.inject(kill, { sabotaged: true });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(world.performed).toEqual([]);
  });

  it('is unconfirmed when no prober saw a failure', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        here.controlPlane.kill('kube-apiserver', 500);
        here.api.remove('PodChaos', chaos.metadata.name);
      },
    });
    const { targets } = await world.inject(kill);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence).toContainEqual(
      expect.stringMatching(/^prober: lane api: \d+ × ok on worker, \d+ × ok on worker2$/),
    );
  });

  it('does not let the next step come while the object is still there', async () => {
    const world = fakeWorld({
      onPodChaos: (chaos, here) => {
        takeOver(here, chaos, chaosStatus('failed'));
        here.controlPlane.kill('kube-apiserver', 500);
        here.observations.see('api', 'connect:refused');
      },
    });
    await expect(world.inject(kill)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('its finalizer stays'),
    });
    expect(world.events.map(({ type }) => type)).toContain('fault-confirmed');
  });

  it('stops waiting as soon as the run is interrupted', async () => {
    const abort = new AbortController();
    const world = fakeWorld({ signal: abort.signal });
    world.clock.after(2_000, () => abort.abort());
    await expect(world.inject(kill)).rejects.toMatchObject({ code: 'interrupted' });
    expect(world.clock.monotonicMs()).toBeLessThan(3_000);
  });
});

describe('container-kill of another container', () => {
  it('is confirmed by the ended container and the restart count', async () => {
    const world = fakeWorld({
      onPodChaos: (_chaos, here) => {
        here.workers.forEach((worker, index) => {
          worker.kill('coredns', 300);
          const labels = { 'k8s-app': 'kube-dns' };
          here.api.remove('Pod', `coredns-${index}`);
          here.api.objects.push(
            fakePod({ name: `coredns-${index}`, node: worker.name, container: 'coredns', labels, restartCount: 1 }),
          );
        });
      },
    });
    const { kills, targets } = await world.inject(killCoreDns);
    expect(kills).toBe(2);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['confirmed', 'confirmed']);
    expect(targets[0]?.evidence.join('\n')).toContain('api: restart count of coredns in kube-system/coredns-0: 0 → 1');
  });

  it('is judged target by target', async () => {
    const world = fakeWorld({
      onPodChaos: (_chaos, here) => {
        here.workers[0]?.kill('coredns', 300);
        const labels = { 'k8s-app': 'kube-dns' };
        here.api.remove('Pod', 'coredns-0');
        here.api.objects.push(
          fakePod({ name: 'coredns-0', node: 'worker', container: 'coredns', labels, restartCount: 1 }),
        );
      },
    });
    const { targets } = await world.inject(killCoreDns);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['confirmed', 'unconfirmed']);
  });
});
