import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../testing/fake-cluster.ts';

const hang = { kind: 'api-server-hang' } as const;

describe('api-server-hang', () => {
  it('is confirmed when the same container stands still and every prober waits in vain', async () => {
    const world = fakeWorld({
      onFreeze: (id, here) => {
        here.controlPlane.freezeNow(id);
        here.clock.after(1_000, () => here.observations.see('api', 'request:timeout'));
      },
    });
    const { kills, targets } = await world.inject(hang);
    expect(kills).toBeNull();
    expect(targets[0]).toMatchObject({ name: 'cp/kube-apiserver', confirmation: 'confirmed' });
    expect(targets[0]?.evidence.join('\n')).toMatch(/crictl: .* is frozen, with its id and start time 2026.* kept/);
    expect(world.performed).toEqual(['freeze kube-apiserver on cp']);
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const world = fakeWorld();
    const { targets } = await world.inject(hang, { sabotaged: true });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence.join('\n')).toContain('is not frozen');
  });

  it('is unconfirmed when requests are refused instead of hanging', async () => {
    const world = fakeWorld({
      onFreeze: (id, here) => {
        here.controlPlane.freezeNow(id);
        here.observations.see('api', 'connect:refused');
      },
    });
    expect((await world.inject(hang)).targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is a mismatch when the container was ended instead of frozen', async () => {
    const world = fakeWorld({
      onFreeze: (_id, here) => {
        here.controlPlane.kill('kube-apiserver', 1_000);
        here.observations.see('api', 'request:timeout');
      },
    });
    const { targets } = await world.inject(hang);
    expect(targets[0]?.confirmation).toBe('mismatch');
    expect(targets[0]?.evidence[0]).toContain('was ended; it should only have been frozen');
  });
});
