import type { SampleChange } from './log-builder.ts';
import { between, subjectFails, unknown, type Situation } from './situation.ts';
import type { At } from './usual-world.ts';

function lost(isLost: (at: At) => boolean): SampleChange {
  return (at) => (isLost(at) ? 'lost' : undefined);
}

export const badData: readonly Situation[] = [
  {
    name: 'a prober is silent for a while in the middle',
    ...unknown('gap'),
    says: /^Lane control has no samples on node-2 for 3\.1 s \(T\+22\.9 s to T\+26 s\)\.$/,
    sample: lost((at) => at.node === 'node-2' && between(at, 23_000, 26_000)),
  },
  {
    name: 'a prober is restarted',
    ...unknown('gap'),
    says: /on node-1 .*the prober began anew/,
    session: ({ node, ms }) => (node === 'node-1' && ms >= 25_000 ? 'session-2' : 'session-1'),
  },
  {
    name: 'a prober never answers',
    ...unknown('gap'),
    says: /^Lane control has no samples on node-2 for 37 s/,
    sample: lost((at) => at.node === 'node-2'),
  },
  {
    name: 'so many samples are lost that they could decide a budget',
    ...unknown('gap'),
    says: /kept its budget availability cannot be told/,
    sample: lost((at) => at.lane === 'subject' && at.ms > 16_000 && at.ms % 500 === 0),
  },
  {
    name: 'the moment when the control plane was lost is not known',
    ...unknown('gap'),
    says: /not certain when the control plane was lost/,
    sample: lost((at) => at.lane === 'api' && between(at, 12_900, 13_300)),
  },
  {
    name: 'there are too few samples',
    ...unknown('too-few-samples'),
    says: /^Lane subject has 498 samples, and 3,000 samples are needed\.$/,
    plan: (plan) => ({
      ...plan,
      budgets: plan.budgets.map((one) => (one.kind === 'availability' ? { ...one, minSamples: 3_000 } : one)),
    }),
  },
  {
    name: 'a prober cannot reach itself',
    ...unknown('prober-starved'),
    says: /^The prober on node-1 was starved \(it failed to reach itself 5 times\)/,
    sample: (at) =>
      at.lane === 'loopback' && at.node === 'node-1' && between(at, 22_000, 22_500)
        ? { outcome: 'connect:timeout' }
        : undefined,
  },
  {
    name: 'a prober lags',
    ...unknown('prober-starved'),
    says: /^The prober on node-2 was starved \(its own lag was 65 ms at p99\)/,
    sample: ({ node, ms }) => (node === 'node-2' && ms % 2_000 === 0 ? { lagMs: 65 } : undefined),
  },
  {
    name: 'the hypothesis is refuted by a starved prober',
    ...unknown('prober-starved'),
    says: /^The prober on node-1 was starved/,
    sample: (at) => (at.lane === 'loopback' && at.node === 'node-1' ? { lagMs: 900 } : subjectFails(14_000)(at)),
  },
  {
    name: 'the hypothesis is refuted by a lane with a gap',
    ...unknown('gap'),
    says: /^Lane subject has no samples on node-1/,
    sample: (at) =>
      at.lane === 'subject' && at.node === 'node-1' && between(at, 28_000, 30_000) ? 'lost' : subjectFails(7_000)(at),
  },
];
