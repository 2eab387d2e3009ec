import { expect, it } from 'vitest';
import { collectEvidence } from './evidence.ts';
import { judgeProbers, lagLimitMs } from './prober-honesty.ts';
import { stepOf } from './testing/judged-rung.ts';
import type { ProberResult } from './result.ts';
import { buildRun, type SampleChange } from './testing/log-builder.ts';

function verdictsOf(sample: SampleChange): readonly ProberResult['verdict'][] {
  const { plan, events } = buildRun({ sample });
  return Object.values(judgeProbers(collectEvidence(plan, events))).map((prober) => prober.verdict);
}

/** A little more than one sample in a hundred, on one node. */
function isOneInAHundred({ node, ms }: { readonly node: string; readonly ms: number }): boolean {
  return node === 'node-1' && ms % 5_000 === 0;
}

it('is starved with a lag at p99 beyond the tightest latency that is judged (50 ms), on that node only', () => {
  expect(verdictsOf((at) => (isOneInAHundred(at) ? { lagMs: 51 } : undefined))).toEqual(['starved', 'honest']);
  expect(verdictsOf((at) => (isOneInAHundred(at) ? { lagMs: 49 } : undefined))).toEqual(['honest', 'honest']);
  expect(verdictsOf(({ ms }) => (ms === 25_000 ? { lagMs: 900 } : undefined))).toEqual(['honest', 'honest']);
});

it('is unknown when the samples that may have lagged are missing', () => {
  expect(verdictsOf((at) => (isOneInAHundred(at) && at.lane !== 'loopback' ? 'lost' : undefined))[0]).toBe('unknown');
  expect(verdictsOf(({ lane, ms }) => (lane === 'loopback' && ms === 25_000 ? 'lost' : undefined))[0]).toBe('unknown');
});

it('is starved when it cannot reach itself', () => {
  expect(
    verdictsOf(({ lane, node, ms }) =>
      lane === 'loopback' && node === 'node-2' && ms === 25_000 ? { outcome: 'request:timeout' } : undefined,
    ),
  ).toEqual(['honest', 'starved']);
});

it('does not mind what happened before the judged window', () => {
  expect(verdictsOf(({ ms }) => (ms < 12_000 ? { lagMs: 900 } : undefined))).toEqual(['honest', 'honest']);
});

it('may lag by 20 ms where no latency is judged', () => {
  expect(lagLimitMs({ method: [], budgets: [{ kind: 'longest-outage', lane: 'subject', atMostMs: 1_000 }] })).toBe(20);
});

it('may not lag by more than 50 ms, however slow an answer may be', () => {
  expect(
    lagLimitMs({ method: [], budgets: [{ kind: 'latency', lane: 'subject', quantile: 0.99, atMostMs: 5_000 }] }),
  ).toBe(50);
});

it('may lag by half a second where rungs are judged: their lanes call once a second', () => {
  expect(lagLimitMs({ method: [stepOf({})], budgets: [] })).toBe(500);
});
