import { describe, expect, it } from 'vitest';
import { fakeWorld, type FakeWorld } from '../testing/fake-cluster.ts';

const small = { kind: 'api-server-cpu', millicores: 200 } as const;

/** The limit is set, the kernel throttles, and requests slow down after two seconds. */
function worldThat(does: {
  readonly limits?: number;
  readonly throttles?: number;
  readonly slows?: number;
}): FakeWorld {
  const { limits = 200, throttles = 9, slows = 50 } = does;
  return fakeWorld({
    onLimit: (_millicores, here) => {
      here.controlPlane.cpu = { id: 'c1', millicores: limits, throttled: throttles };
      here.clock.after(2_000, () => here.observations.slow(slows));
    },
  });
}

describe('api-server-cpu', () => {
  it('is confirmed by the cgroup, by the kernel that stops it, and by requests that take longer', async () => {
    const world = worldThat({});
    const { targets } = await world.inject(small);
    expect(targets).toMatchObject([{ name: 'cp/kube-apiserver', confirmation: 'confirmed' }]);
    expect(targets[0]?.evidence).toEqual([
      'crictl: kube-apiserver on cp has a limit of 200 millicores, stopped in 5 periods since',
      'prober: lane api: p90 1 ms → 50 ms on worker, p90 1 ms → 50 ms on worker2',
    ]);
    expect(world.performed).toEqual(['limit kube-apiserver on cp']);
  });

  it.each([
    ['the limit is another', { limits: 500 }],
    ['the kernel never stopped it', { throttles: 4 }],
    ['requests are hardly slower', { slows: 9 }],
  ])('is unconfirmed when %s', async (_, does) => {
    expect((await worldThat(does).inject(small)).targets[0]?.confirmation).toBe('unconfirmed');
  });

  it('is confirmed when requests do not get through at all', async () => {
    const { targets } = await worldThat({ slows: Infinity }).inject(small);
    expect(targets[0]?.evidence.join()).toContain('p90 1 ms → failed on worker');
    expect(targets[0]?.confirmation).toBe('confirmed');
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const { targets } = await fakeWorld().inject(small, { sabotaged: true });
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence.join()).toContain('has no limit');
  });

  it('is refused where there are no cgroups', async () => {
    const world = fakeWorld();
    world.controlPlane.cpu = undefined;
    await expect(world.inject(small)).rejects.toThrow('this backend has no cgroups');
  });
});
