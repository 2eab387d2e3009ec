import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../testing/fake-cluster.ts';

const pause = { kind: 'node-pause' } as const;

describe('node-pause', () => {
  it('is confirmed from outside and by probers on the other nodes', async () => {
    const world = fakeWorld({ onPause: (here) => here.observations.see('api', 'connect:timeout') });
    const { kills, targets } = await world.inject(pause);
    expect(kills).toBeNull();
    expect(targets[0]).toMatchObject({ name: 'cp', confirmation: 'confirmed' });
    expect(targets[0]?.evidence.join('\n')).toContain('docker: node cp is paused');
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = fakeWorld({ onPause: (here) => here.observations.see('api', 'connect:timeout') });
    const { targets } = await world.inject(pause, { sabotaged: true });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence.join('\n')).toContain('docker: node cp is not paused');
  });

  it('is unconfirmed when requests are refused: a paused node answers nothing at all', async () => {
    const world = fakeWorld({ onPause: (here) => here.observations.see('api', 'connect:refused') });
    expect((await world.inject(pause)).targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is unconfirmed when requests still get through', async () => {
    const { targets } = await fakeWorld().inject(pause);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is refused where nodes cannot be paused', async () => {
    const { context, inject } = fakeWorld();
    Object.assign(context.cluster, { freezer: undefined });
    await expect(inject(pause)).rejects.toMatchObject({ code: 'environment' });
  });
});
