import { expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../core/events.ts';
import { telemetryAgent } from '../experiment/builders.ts';
import type { Plan } from '../plan/plan.ts';
import { samplePlan } from './testing/sample-plan.ts';
import { underLoad } from './under-load.ts';

const agent = telemetryAgent('full-list-quorum', { nodes: 100, interval: '10s' });
const plan: Plan = {
  ...samplePlan,
  method: [
    {
      kind: 'inject',
      name: 'rollout',
      fault: { kind: 'telemetry-rollout', agent },
      sabotaged: false,
      when: null,
      description: { does: '', targets: '', confirmedBy: [], undo: '' },
    },
  ],
};
const expectation = { kind: 'under-load', lane: 'subject', share: 0.5, otherwise: 'x' } as const;

/** The rollout is confirmed at 10 s, the load whole at 20 s, the heal at 50 s: 300 requests are due. */
function found(requests: number, inFlight: number, without: readonly string[] = []) {
  const counters = { mode: agent.mode, nodes: 100, ok: 0, refused: 0, forbidden: 0, failed: 0, timeouts: 0, bytes: 0 };
  const report = (atMs: number, sent: number, waiting: number): EventBody => {
    const told = { node: 'n', pod: 'p', requests: sent, inFlight: waiting, p50Ms: 1, p99Ms: 1 };
    return { type: 'agent-report', atMs, ...counters, ...told };
  };
  const timed: [number, EventBody][] = [
    [10_000, { type: 'fault-confirmed', fault: 'rollout', kills: null, targets: [] }],
    [20_000, report(19_900, 80, 5)],
    [50_000, report(49_900, 80 + requests, inFlight)],
    [50_000, { type: 'phase-started', phase: 'heal' }],
    // After the heal nothing counts.
    [60_000, report(59_900, 1_000, 0)],
  ];
  const kept = timed.filter(([, { type }]) => !without.includes(type));
  const events = kept.map(([monotonicMs, body], seq): RunEvent => ({ ...body, seq, monotonicMs }));
  return underLoad(expectation, { plan, events });
}

it('a load is there when the agents sent the share of their requests that is expected', () => {
  expect(found(290, 3)).toEqual({ outcome: 'met', measured: '290 requests of 300 sent, 3 under way at the end' });
  expect(found(150, 3).outcome).toBe('met');
});

it('fewer requests are no load', () => {
  expect(found(149, 3)).toEqual({ outcome: 'not-met', measured: '149 requests of 300 sent, 3 under way at the end' });
});

it('agents that send little because they wait for an answer are one', () => {
  expect(found(20, 50).outcome).toBe('met');
  expect(found(20, 49).outcome).toBe('not-met');
});

it('nothing is known without reports, without a confirmed rollout, and before the heal', () => {
  expect(found(300, 0, ['agent-report']).outcome).toBe('unknown');
  expect(found(300, 0, ['fault-confirmed']).outcome).toBe('unknown');
  expect(found(300, 0, ['phase-started']).outcome).toBe('unknown');
});
