import { describe, expect, it } from 'vitest';
import { runningContainers } from '../confirm/target-container.ts';
import { fakeWorld, type FakeWorld, type Reactions } from '../testing/fake-cluster.ts';
import { stopCoreDns } from './core-dns-stop.ts';

const restart = { kind: 'core-dns-restart' } as const;

/** Lookups fail while CoreDNS is away. */
function world(reactions: Reactions = {}): FakeWorld {
  const made = fakeWorld(reactions);
  made.clock.after(100, () => made.observations.see('direct', 'resolve:timeout'));
  return made;
}

describe('core-dns-restart', () => {
  it('is confirmed on every node by the ended container and by failed lookups', async () => {
    const { kills, targets } = await world().inject(restart);
    expect(kills).toBe(2);
    expect(targets.map(({ name, confirmation }) => [name, confirmation])).toEqual([
      ['worker/coredns-0', 'confirmed'],
      ['worker2/coredns-1', 'confirmed'],
    ]);
    expect(targets[0]?.evidence.join('\n')).toMatch(
      /crictl: coredns on worker: .* ended .*\(attempt 1, running\) in its place/,
    );
  });

  it('needs no API', async () => {
    const made = world();
    made.api.setUp(false);
    expect((await made.inject(restart)).targets[0]?.confirmation).toBe('confirmed');
    expect(made.api.calls).toEqual([]);
  });

  it('leaves node caches alone, which run the same program elsewhere', async () => {
    const made = world();
    made.workers[0]?.run('node-dns-cache', 'cache-1');
    expect((await made.inject(restart)).targets).toHaveLength(2);
  });

  it('is unconfirmed when it is sabotaged', async () => {
    const made = fakeWorld();
    const { kills, targets } = await made.inject(restart, { sabotaged: true });
    expect(kills).toBe(0);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['unconfirmed', 'unconfirmed']);
  });

  it('is unconfirmed when no lookup failed', async () => {
    const { targets } = await fakeWorld().inject(restart);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toMatch(/^prober: lane direct: \d+ × ok/);
  });

  it('is unconfirmed, and says why, when no lane looks at CoreDNS itself', async () => {
    const { targets } = await world({ dnsLane: undefined }).inject(restart);
    expect(targets[0]?.confirmation).toBe('unconfirmed');
    expect(targets[0]?.evidence[0]).toContain('a second, independent observer is missing');
  });

  it('is a mismatch where something killed CoreDNS once more', async () => {
    const made = world();
    made.clock.after(450, () => made.workers[1]?.kill('coredns', 500));
    const { kills, targets } = await made.inject(restart);
    expect(kills).toBe(3);
    expect(targets.map(({ confirmation }) => confirmation)).toEqual(['confirmed', 'mismatch']);
  });
});

describe('stopping one CoreDNS container', () => {
  it('is verified by CoreDNS running again on the node, however late the kubelet is', async () => {
    const made = fakeWorld();
    const [target] = await runningContainers(made.workers, 'coredns', 'kube-system');
    if (!target) throw new Error('the fake has CoreDNS');
    made.workers[0]?.kill('coredns', 40_000);
    expect(await stopCoreDns(target, made.context.cluster, made.clock).verify()).toEqual([]);
    expect(made.clock.monotonicMs()).toBeGreaterThanOrEqual(40_000);
  });

  it('leaves something behind when CoreDNS stays away', async () => {
    const made = fakeWorld();
    const [target] = await runningContainers(made.workers, 'coredns', 'kube-system');
    if (!target) throw new Error('the fake has CoreDNS');
    made.workers[0]?.kill('coredns');
    const leftovers = await stopCoreDns(target, made.context.cluster, made.clock).verify();
    expect(leftovers).toEqual([
      {
        what: 'CoreDNS does not run again on worker',
        command: 'kubectl --kubeconfig /super-admin.conf -n kube-system get pods -l k8s-app=kube-dns -o wide',
      },
    ]);
  });
});
