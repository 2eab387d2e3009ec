import { inTurn, phaseEnds } from './edits.ts';
import type { SampleChange } from './log-builder.ts';
import { between, fail, subjectFails, unknown, type Situation } from './situation.ts';
import { when } from './usual-world.ts';

/** The subject is now and then slow everywhere, and the prober of one node now and then late. */
function slowOnLateNode(totalMs: number, lagMs: number): SampleChange {
  return ({ lane, node, ms }) => {
    if (lane === 'subject' && ms % 4_000 === 0) return { totalMs };
    return node === 'node-2' && ms % 2_000 === 0 ? { lagMs } : undefined;
  };
}

export const missedBudgets: readonly Situation[] = [
  {
    name: 'the subject fails as the control lane does',
    ...fail,
    says: /^Lane subject missed its budget: availability 43\.7\d+ % \(at least 99 %\), longest-outage 14 s on node-1/,
    sample: subjectFails(14_000),
  },
  {
    name: 'the subject is gone for too long, but seldom',
    ...fail,
    says: /longest-outage 1\.5 s on node-2 \(at most 1 s\).* 15 of its 15 failures .* SERVFAIL/,
    plan: (plan) => ({
      ...plan,
      budgets: plan.budgets.map((one) => (one.kind === 'availability' ? { ...one, atLeast: 0.9 } : one)),
    }),
    sample: subjectFails(1_500, 'node-2'),
  },
  {
    name: 'the subject fails now and then',
    ...fail,
    says: /^Lane subject missed its budget: availability 98\.795 % \(at least 99 %\)\./,
    sample: ({ lane, ms }) => (lane === 'subject' && ms % 8_000 === 0 ? { outcome: 'request:timeout' } : undefined),
  },
  {
    name: 'the subject answers slowly',
    ...fail,
    says: /latency-p99 80 ms \(at most 50 ms\)/,
    sample: ({ lane, ms }) => (lane === 'subject' && ms % 4_000 === 0 ? { totalMs: 80 } : undefined),
  },
  {
    name: 'the subject answers slowly, by more than a prober was late',
    ...fail,
    says: /latency-p99 80 ms \(at most 50 ms\)/,
    sample: slowOnLateNode(80, 29),
  },
  {
    name: 'the subject answers slowly, by no more than a prober was late',
    ...unknown('prober-starved'),
    says: /^Lane subject was slow, latency-p99 79 ms \(at most 50 ms\), but a prober was itself up to 29 ms late at p99\.$/,
    sample: slowOnLateNode(79, 29),
  },
  {
    name: 'DNS recovers too late',
    ...fail,
    says: /^Lane direct\+control missed its budget: time-to-recover never/,
    sample: ({ lane, ms }) => (lane === 'direct' && ms >= when.heal ? { outcome: 'resolve:SERVFAIL' } : undefined),
    events: inTurn(phaseEnds('recover', 'timeout', 'direct was not well'), (events) =>
      events.map((event) =>
        event.type === 'phase-ended' && event.phase === 'recover' ? { ...event, monotonicMs: 38_500 } : event,
      ),
    ),
  },
  {
    name: 'DNS is well again but for one late failure',
    ...fail,
    says: /time-to-recover 2\.7 s \(at most 2 s\)/,
    plan: (plan) => ({ ...plan, recovery: { ...plan.recovery, atMostMs: 2_000 } }),
    sample: ({ lane, ms }) => {
      if (lane === 'direct' && ms === 33_600) return { outcome: 'resolve:timeout' };
      return ms >= 32_000 && lane !== 'loopback' ? { outcome: 'ok' } : undefined;
    },
  },
  {
    name: 'a failure proven in spite of a gap on the control lane',
    ...fail,
    says: /^Lane subject missed its budget/,
    sample: (at) => (at.lane === 'control' && between(at, 24_000, 27_000) ? 'lost' : subjectFails(14_000)(at)),
  },
];
