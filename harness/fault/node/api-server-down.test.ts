import { describe, expect, it } from 'vitest';
import { chaosStatus } from '../testing/chaos-mesh-acts.ts';
import { fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';

const down = { kind: 'api-server-down' } as const;

/** The kubelet stops the container; connections are refused from then on. */
function stops(world: FakeWorld, afterMs: number): void {
  world.clock.after(afterMs, () => {
    world.controlPlane.kill('kube-apiserver');
    world.api.setUp(false);
    world.observations.see('api', 'connect:refused');
  });
}

describe('api-server-down', () => {
  it('is confirmed when no container runs and every prober is refused', async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 200) });
    const { kills, targets } = await world.inject(down);
    expect(kills).toBeNull();
    expect(targets.map(({ name, confirmation }) => [name, confirmation])).toEqual([['cp/kube-apiserver', 'confirmed']]);
    const evidence = targets[0]?.evidence.join('\n');
    expect(evidence).toMatch(/crictl: kube-apiserver on cp: none runs any more, [01]\.\d s after the injection began/);
    expect(evidence).toMatch(/prober: lane api: .*connect:refused, .* on worker, .*connect:refused, .* on worker2/);
    expect(world.performed).toEqual(['park kube-apiserver on cp']);
  });

  it('waits for a container that stops late and tells when it did', async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 11_000) });
    const { targets } = await world.inject(down);
    expect(targets[0]?.confirmation).toBe('confirmed');
    expect(targets[0]?.evidence.join('\n')).toContain('11.');
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 200) });
    const { targets } = await world.inject(down, { sabotaged: true });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(world.performed).toEqual([]);
  });

  it('is unconfirmed while one node still reaches the API server', async () => {
    const world = fakeWorld({
      onPark: (here) => {
        here.controlPlane.kill('kube-apiserver');
        here.observations.see('api', 'connect:refused', 'worker');
      },
    });
    const { targets } = await world.inject(down);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toMatch(/^prober: .* ok on worker2$/);
  });

  it('is unconfirmed when requests succeed again', async () => {
    const world = fakeWorld({
      onPark: (here) => {
        here.controlPlane.kill('kube-apiserver');
        here.observations.see('api', 'connect:refused');
        here.clock.after(200, () => here.observations.see('api', 'ok'));
      },
    });
    expect((await world.inject(down)).targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is unconfirmed when the probers are silent: no data is not good news', async () => {
    const world = fakeWorld({
      onPark: (here) => {
        here.controlPlane.kill('kube-apiserver');
        here.observations.see('api', undefined);
      },
    });
    const { targets } = await world.inject(down);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toContain('no sample on worker');
  });

  it('refuses while a PodChaos of this run exists, and changes nothing', async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 200) });
    world.api.objects.push({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'PodChaos',
      metadata: { name: 'blackstart-r1-kill', namespace: 'chaos-mesh', labels: { 'blackstart/run': 'r1' } },
      status: chaosStatus('failed'),
    });
    await expect(world.inject(down)).rejects.toMatchObject({
      code: 'cluster',
      message: expect.stringContaining('blackstart-r1-kill'),
    });
    expect(world.performed).toEqual([]);
  });

  it("does not mind a PodChaos of somebody else's run", async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 200) });
    world.api.objects.push({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'PodChaos',
      metadata: { name: 'blackstart-r2-kill', namespace: 'chaos-mesh', labels: { 'blackstart/run': 'r2' } },
    });
    expect((await world.inject(down)).targets[0]?.confirmation).toBe('confirmed');
  });

  it('works with the API already away, and notes that it could not check', async () => {
    const world = fakeWorld({ onPark: (here) => stops(here, 200) });
    world.api.setUp(false);
    expect((await world.inject(down)).targets[0]?.confirmation).toBe('confirmed');
    expect(world.events.find(({ type }) => type === 'note')).toMatchObject({
      message: expect.stringContaining('Could not check'),
    });
  });

  it('selects nothing when no API server runs', async () => {
    const world = fakeWorld();
    world.controlPlane.kill('kube-apiserver');
    const { targets } = await world.inject(down);
    expect(targets[0]).toMatchObject({
      confirmation: 'unconfirmed',
      evidence: [expect.stringMatching(/^selected nothing: /)],
    });
  });
});
