import { describe, expect, it } from 'vitest';
import type { WaySpec } from '../experiment/rung-spec.ts';
import { openScope } from './scope.ts';
import { fakeLadder, step, superAdmin, type Ladder } from './testing/fake-ladder.ts';

const outcomeOf = (ladder: Ladder): string | undefined => ladder.eventsOf('rung-ended')[0]?.outcome;

describe('before a rung is tried', () => {
  it('the agents must be seen to send requests, and five calls of the normal admin to fail', async () => {
    const ladder = fakeLadder();
    expect(await ladder.try(step(superAdmin))).toBe(true);
    const [load] = ladder.eventsOf('rung-load');
    expect(load?.applied).toBe(false);
    expect(load?.after.map(({ ok }, index) => ok > (load.before[index]?.ok ?? Infinity))).toEqual([true, true]);
    const [control] = ladder.eventsOf('rung-control');
    expect((control?.toMs ?? 0) - (control?.fromMs ?? 0)).toBeGreaterThan(4_000);
    expect(outcomeOf(ladder)).toBe('tried');
  });

  it('calls that began since must have ended where the rung may let them through', async () => {
    const ladder = fakeLadder();
    await ladder.try(step(superAdmin));
    const [ended] = ladder.eventsOf('rung-ended');
    const [control] = ladder.eventsOf('rung-control');
    expect((ended?.fromMs ?? 0) - (control?.fromMs ?? 0)).toBeGreaterThan(14_000);
    const harmless = fakeLadder();
    // So that there are calls that have failed already.
    await harmless.try(step(superAdmin));
    await harmless.try(step(superAdmin, { disturbs: false }));
    const [, second] = harmless.eventsOf('rung-control');
    expect((second?.toMs ?? 0) - (second?.fromMs ?? 0)).toBeLessThan(8_000);
  });

  it('the lock-out counts from the last success on', async () => {
    const ladder = fakeLadder({ isLockedOut: (ms) => ms >= 20_000 });
    expect(await ladder.try(step(superAdmin))).toBe(true);
    expect(ladder.eventsOf('rung-control')[0]?.fromMs).toBeGreaterThan(19_000);
  });

  it('nothing is done when the normal admin gets through now and then', async () => {
    const ladder = fakeLadder({ isLockedOut: (ms) => ms % 4_000 !== 0 });
    expect(await ladder.try(step({ way: 'take-rights' }))).toBe(false);
    expect([outcomeOf(ladder), ladder.changes, ladder.calls]).toEqual(['not-locked-out', [], []]);
  });

  it('a failure that is not of the crowd is no lock-out', async () => {
    for (const refusal of ['request:403', 'connect:reset']) {
      const ladder = fakeLadder({ refusal, isLockedOut: () => true });
      expect(await ladder.try(step(superAdmin))).toBe(false);
      expect(await ladder.try(step({ way: 'take-rights' }))).toBe(false);
      expect([outcomeOf(ladder), ladder.changes, ladder.calls]).toEqual(['not-locked-out', [], []]);
    }
    const refused = fakeLadder({ refusal: 'request:429' });
    expect(await refused.try(step(superAdmin))).toBe(true);
  });

  it('nothing is done when the agents are silent or hardly heard, or there are none', async () => {
    for (const agents of ['slow', 'silent', 'absent'] as const) {
      const ladder = fakeLadder({ agents, isLockedOut: () => true });
      expect(await ladder.try(step(superAdmin))).toBe(false);
      expect([outcomeOf(ladder), ladder.calls]).toEqual(['no-load', []]);
    }
  });

  it('the load of another level is applied, and seen', async () => {
    const ladder = fakeLadder();
    const more = step(superAdmin);
    await ladder.try({ ...more, load: { ...more.load, interval: '10s' } });
    expect(ladder.changes).toEqual(['+ rollout rung-at-1000 of DaemonSet blackstart/telemetry-agent, applied again']);
    expect(ladder.eventsOf('rung-load')[0]?.applied).toBe(true);
  });

  it('what a backend cannot do is told, and the ladder goes on', async () => {
    const ladder = fakeLadder();
    expect(await ladder.try(step({ way: 'block-agents' }))).toBe(true);
    expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({
      outcome: 'cannot',
      message: expect.stringContaining('it needs nodes with a packet filter') as string,
    });
  });
});

describe('a call', () => {
  it('is told with its status, its priority level by name, and read back through another door', async () => {
    const ladder = fakeLadder();
    await ladder.try(step(superAdmin));
    expect(ladder.eventsOf('rung-call')).toMatchObject([
      { call: 'read', through: 'break-glass by its address', status: 200, priorityLevel: 'exempt', readBack: null },
      { call: 'write', status: 200, readBack: true, readBackThrough: 'break-glass on the control-plane node' },
    ]);
    expect(ladder.calls).toContain('break-glass loopback GET');
  });

  it('that does not keep what it wrote is not believed', async () => {
    const ladder = fakeLadder({ answer: () => ({ status: 200, body: '{}', priorityLevelUid: null }) });
    await ladder.try(step(superAdmin));
    expect(ladder.eventsOf('rung-call')[1]).toMatchObject({
      readBack: false,
      message: expect.stringContaining("reads 'nothing', not what was written") as string,
    });
  });

  it('is tried again until what it wrote is read back', async () => {
    let reads = 0;
    const stale = { status: 200, body: '{}', priorityLevelUid: null };
    const ladder = fakeLadder({
      answer: ({ via }, { method }) => (via === 'loopback' && method === 'GET' && reads++ < 2 ? stale : undefined),
    });
    await ladder.try(step(superAdmin, { promises: ['write'] }));
    expect(ladder.eventsOf('rung-call')).toMatchObject([
      { tries: 3, readBack: true, message: expect.stringMatching(/^at first: .*reads 'nothing'/) as string },
    ]);
  });

  it('is tried until it succeeds or its time is over', async () => {
    const ladder = fakeLadder({ answer: () => new Error('certificate has expired') });
    await ladder.try(step(superAdmin, { promises: ['read'] }));
    const [read] = ladder.eventsOf('rung-call');
    expect(read).toMatchObject({ status: null, message: 'certificate has expired' });
    expect(read?.tries).toBeGreaterThan(30);
  });

  it('must succeed five times in a row, a moment apart; the first of those is told', async () => {
    let patches = 0;
    const busy = { status: 429, body: 'busy', priorityLevelUid: null };
    const ladder = fakeLadder({
      answer: ({ via }, { method }) => (via === 'address' && method === 'PATCH' && ++patches === 3 ? busy : undefined),
    });
    await ladder.try(step(superAdmin, { promises: ['write'] }));
    const [write] = ladder.eventsOf('rung-call');
    expect(write).toMatchObject({ tries: 4, inARow: 5, readBack: true, message: 'at first: busy' });
    expect(patches).toBe(8);
    expect(ladder.calls.filter((one) => one === 'break-glass loopback GET')).toHaveLength(2);
    const [ended] = ladder.eventsOf('rung-ended');
    expect((write?.startMs ?? 0) - (ended?.fromMs ?? 0)).toBeGreaterThanOrEqual(1_500);
  });

  it('that is lucky now and then is told as it ended', async () => {
    let reads = 0;
    const busy = { status: 429, body: 'busy', priorityLevelUid: null };
    const ladder = fakeLadder({ answer: () => (reads++ % 5 < 4 ? undefined : busy) });
    await ladder.try(step(superAdmin, { promises: ['read'], withinMs: 9_600 }));
    expect(ladder.eventsOf('rung-call')).toMatchObject([{ tries: 20, inARow: 0, status: 429 }]);
  });

  it('has a deadline in whole milliseconds, which is what timers take', async () => {
    const ladder = fakeLadder({ drift: 0.0123, answer: () => new Error('no answer') });
    await ladder.try(step(superAdmin, { withinMs: 9_000 }));
    expect(ladder.deadlines.filter((ms) => ms % 1 !== 0)).toEqual([]);
    expect(new Set(ladder.deadlines).size).toBeGreaterThan(10);
  });

  it('of a rung that promises nothing is tried once, and may fail', async () => {
    const ladder = fakeLadder();
    const admin: WaySpec = { way: 'call', credential: 'admin', via: 'address', kubeconfig: null };
    await ladder.try(step(admin, { promises: [] }));
    expect(ladder.eventsOf('rung-call').map(({ call, tries, status }) => [call, tries, status])).toEqual([
      ['read', 1, null],
      ['write', 1, null],
    ]);
  });
});

describe('what a rung changes', () => {
  it('is taken back before the next, the API server before it is called', async () => {
    const ladder = fakeLadder();
    await ladder.try(step({ way: 'restart-api-server' }));
    expect(ladder.changes.slice(0, 2)).toEqual(['+ park kube-apiserver on cp', '- park kube-apiserver on cp']);
    expect(ladder.calls[0]).toBe('break-glass address GET');
  });

  it('is taken back when its promises are measured, not before', async () => {
    const spec = { containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', '--secure-port=6443'] }] };
    const manifest = JSON.stringify({ metadata: { name: 'kube-apiserver' }, spec });
    const ladder = fakeLadder({ manifest });
    await ladder.try(step({ way: 'second-api-server' }));
    expect(ladder.changes).toEqual(['+ add kube-apiserver-second on cp', '- add kube-apiserver-second on cp']);
    expect(ladder.eventsOf('rung-call').map(({ through, status }) => [through, status])).toEqual([
      ['break-glass on the control-plane node, port 7443', 200],
      ['break-glass on the control-plane node, port 7443', 200],
    ]);
  });

  it("is put back where it was an object: the agents' rights", async () => {
    const ladder = fakeLadder();
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' };
    const metadata = { name: 'blackstart-telemetry-agent', uid: 'old', resourceVersion: '7', labels: { ours: 'true' } };
    ladder.world.api.objects.push({ ...binding, metadata });
    await ladder.try(step({ way: 'take-rights' }));
    expect(ladder.world.api.calls).toContain('delete ClusterRoleBinding /blackstart-telemetry-agent');
    expect(ladder.changes.map((change) => change.slice(0, 8))).toEqual(['+ delete', '- delete']);
    const found = ladder.world.api.objects.find(({ kind }) => kind === 'ClusterRoleBinding');
    expect(found?.metadata).toEqual({ name: 'blackstart-telemetry-agent', labels: { ours: 'true' } });
  });

  it('is taken back also when it does not work, and that is told', async () => {
    const ladder = fakeLadder({ manifest: 'kind: Pod' });
    expect(await ladder.try(step({ way: 'second-api-server' }))).toBe(true);
    expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({
      outcome: 'trouble',
      message: 'The manifest of kube-apiserver is not as kubeadm writes it',
    });
    expect(ladder.calls).toEqual([]);
  });

  it('is all taken back also when one of it cannot be, and that is told in the end', async () => {
    const ladder = fakeLadder();
    const scope = openScope(step(superAdmin), ladder.context);
    const done: string[] = [];
    scope.atEnd(async () => void done.push('first'));
    scope.atEnd(async () => await Promise.reject(new Error('it stays')));
    scope.atEnd(async () => void done.push('last'));
    await expect(scope.close()).rejects.toThrow('it stays');
    expect(done).toEqual(['last', 'first']);
  });

  it('is left to the heal when the run is interrupted in the middle of it', async () => {
    const interrupted = new AbortController();
    const ladder = fakeLadder({ signal: interrupted.signal, answer: () => new Error('no answer') });
    ladder.world.clock.after(20_000, () => interrupted.abort());
    await expect(ladder.try(step({ way: 'restart-api-server' }))).rejects.toMatchObject({ code: 'interrupted' });
    expect(ladder.eventsOf('rung-ended')).toEqual([]);
  });
});
