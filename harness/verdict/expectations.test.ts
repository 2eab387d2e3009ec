import { describe, expect, it } from 'vitest';
import { collectEvidence } from './evidence.ts';
import { judgeExpectations } from './expectations.ts';
import type { ExpectationResult } from './result.ts';
import { buildRun, type Difference, type SampleChange } from './testing/log-builder.ts';
import { when } from './testing/usual-world.ts';

function outcomesOf(difference: Difference): readonly ExpectationResult['outcome'][] {
  const { plan, events } = buildRun(difference);
  return judgeExpectations(collectEvidence(plan, events)).map((expectation) => expectation.outcome);
}

const early: SampleChange = ({ lane, ms }) =>
  lane === 'control' && ms === 18_000 ? { outcome: 'resolve:SERVFAIL' } : undefined;

const withoutRefresh: SampleChange = ({ lane, ms }) =>
  lane !== 'direct' && ms > 14_500 && ms < 15_200 ? 'lost' : undefined;

const withoutOne: SampleChange = ({ lane, ms }) => (lane === 'control' && ms === 15_200 ? 'lost' : undefined);

const longHold: Difference['plan'] = (usual) => ({
  ...usual,
  lanes: usual.lanes.map((lane) =>
    lane.probe.kind === 'node-dns-cache' ? { ...lane, probe: { ...lane.probe, holdMs: 20_000 } } : lane,
  ),
});

/** One sample in three fails; without those that succeed it looks as if all had. */
const half: SampleChange = ({ lane, ms }) => {
  const isIn = lane === 'control' && ms > when.expiry && ms < when.heal;
  return isIn && ms % 300 !== 0 ? { outcome: 'ok', ttlS: 0 } : undefined;
};

describe('expectations', () => {
  it('are met in a run in which everything happens as the theory says', () => {
    expect(outcomesOf({})).toEqual(['met', 'met', 'met']);
  });

  it('are not met by taking the failure that came too early out of the log', () => {
    expect(outcomesOf({ sample: early })[0]).toBe('not-met');
    expect(outcomesOf({ sample: (at) => (early(at) ? 'lost' : undefined) })[0]).toBe('unknown');
  });

  it('do not know when a cache expires whose refresh is missing', () => {
    expect(outcomesOf({ sample: withoutRefresh })).toEqual(['unknown', 'met', 'unknown']);
  });

  it('do not know which lane broke first when samples of the other are missing before', () => {
    expect(outcomesOf({ sample: withoutOne })[1]).toBe('unknown');
  });

  it('are not met by an outage that ends before the cache expires', () => {
    expect(outcomesOf({ plan: longHold })[2]).toBe('not-met');
  });

  it('count a share of the samples that should be there, not of those that are', () => {
    expect(outcomesOf({ sample: half })[0]).toBe('not-met');
    expect(outcomesOf({ sample: (at) => (half(at) ? 'lost' : undefined) })[0]).toBe('not-met');
  });
});
