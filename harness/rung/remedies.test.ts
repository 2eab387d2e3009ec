import { describe, expect, it } from 'vitest';
import type { RemedyWay, WaySpec } from '../experiment/rung-spec.ts';
import { refuseAll } from './attempt.ts';
import { fakeLadder, step, type Ladder, type LadderOptions } from './testing/fake-ladder.ts';

const remedies = (ways: readonly RemedyWay[], operator: 'first' | 'second' = 'first'): WaySpec => ({
  way: 'remedies',
  ways,
  operator,
});

const manifest = `
kind: Pod
metadata: { name: kube-apiserver }
spec: { containers: [{ name: kube-apiserver, command: [kube-apiserver, --max-requests-inflight=40] }] }
`;

async function tried(way: WaySpec, options: LadderOptions = {}): Promise<Ladder> {
  const ladder = fakeLadder({ manifest, ...options });
  await ladder.try(step(way, { promises: [], withinMs: 40_000 }));
  return ladder;
}

const actsOf = (ladder: Ladder): readonly (readonly [string, boolean])[] =>
  ladder.eventsOf('rung-act').map(({ act, ok }) => [act, ok] as const);

describe('remedies', () => {
  it('that do nothing leave the normal admin alone with the overload, to the end of the time', async () => {
    const ladder = await tried(remedies([]));
    expect(actsOf(ladder)).toEqual([['delete the DaemonSet as the normal admin', false]]);
    expect(ladder.eventsOf('rung-quiet')).toEqual([]);
    const [ended] = ladder.eventsOf('rung-ended');
    expect(ended).toMatchObject({ outcome: 'tried', message: '' });
    expect(ladder.world.clock.monotonicMs() - (ended?.fromMs ?? 0)).toBeGreaterThanOrEqual(40_000);
  });

  it('end the offender by the hand of the normal admin, as soon as a call gets through', async () => {
    let isOpen = false;
    const ladder = await tried(remedies(['flow-schema']), { isLockedOut: (ms) => ((isOpen ||= ms > 40_000), !isOpen) });
    expect(actsOf(ladder)).toEqual([
      ['a FlowSchema and a priority level for the agents alone', true],
      ['delete the DaemonSet as the normal admin', true],
    ]);
    expect(ladder.changes).toEqual([
      '+ a FlowSchema and a priority level for the agents alone',
      '- a FlowSchema and a priority level for the agents alone',
    ]);
  });

  it('are watched until the agents are gone for the quiet time', async () => {
    const ladder = await tried(remedies(['stop-agents']));
    expect(actsOf(ladder)).toEqual([
      ['delete the DaemonSet as the normal admin', true],
      ["stop the agents' containers on their nodes", true],
    ]);
    expect(ladder.eventsOf('rung-quiet')).toMatchObject([{ running: [], failedLooks: 0 }]);
  });

  it('are taken together, each change taken back; what the backend cannot do is left out and told', async () => {
    const ladder = await tried(remedies(['fewer-nodes', 'block-agents', 'second-api-server', 'raise-limits']));
    const made = ladder.changes.filter((change) => change.startsWith('+'));
    expect(made.toSorted()).toEqual([
      '+ add kube-apiserver-second on cp',
      '+ another manifest of kube-apiserver on cp',
      '+ freeze agent on worker2',
    ]);
    expect(ladder.changes.filter((change) => change.startsWith('-'))).toHaveLength(made.length);
    expect(ladder.eventsOf('rung-act')[0]).toMatchObject({
      act: 'block-agents',
      ok: false,
      message: expect.stringContaining('left out: it needs nodes with a packet filter') as string,
    });
  });

  it('that cannot be carried out are told, and what they did is watched all the same', async () => {
    const ladder = await tried(remedies(['raise-limits', 'fewer-nodes']), { manifest: 'kind: Pod' });
    expect(ladder.eventsOf('rung-ended')[0]).toMatchObject({
      outcome: 'trouble',
      message: 'The manifest of kube-apiserver is not as kubeadm writes it',
    });
    expect(ladder.changes).toContain('+ freeze agent on worker2');
  });

  it('let the admin call the second API server where that is asked for', async () => {
    const ladder = await tried(remedies(['second-api-server'], 'second'));
    expect(ladder.calls).toContain('admin loopback DELETE');
    expect(ladder.calls).not.toContain('admin address DELETE');
  });
});

describe('before anything is injected', () => {
  it('what cannot be done here is told', async () => {
    const ladder = fakeLadder();
    expect(await refuseAll([step(remedies(['block-agents']))], ladder.context)).toBe(true);
    expect(ladder.eventsOf('rung-ended')).toMatchObject([{ outcome: 'cannot', fromMs: null }]);
  });

  it('nothing is refused while one attempt can be made, or there is none', async () => {
    const ladder = fakeLadder();
    const both = [step(remedies(['block-agents'])), step(remedies(['block-agents', 'fewer-nodes']))];
    expect(await refuseAll(both, ladder.context)).toBe(false);
    expect(await refuseAll([], ladder.context)).toBe(false);
    expect(ladder.events).toEqual([]);
  });
});
