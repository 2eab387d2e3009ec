import type { Sample } from '../core/sample.ts';
import type { PlannedExpectation } from '../plan/plan.ts';
import { seriesOn, type Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatTime } from './format.ts';
import { dueBetween, lostIn } from './series.ts';

type Breaks = Extract<PlannedExpectation, { kind: 'breaks' }>;

/** The lane fails between the first fault and the heal, if asked: before another lane, and with a certain outcome. */
export function breaks(node: string, expectation: Breaks, evidence: Evidence): Finding {
  const { firstFaultMs, healStartMs } = evidence.moments;
  const series = seriesOn(node, expectation.lane, evidence);
  if (!series || firstFaultMs === null || healStartMs === null) {
    return { outcome: 'unknown', measured: 'the log ends before the heal' };
  }
  const samples = dueBetween(series.samples, firstFaultMs, healStartMs);
  const hasHole = samples.length === 0 || lostIn(series, firstFaultMs, healStartMs).length > 0;
  const missing: Finding['outcome'] = hasHole ? 'unknown' : 'not-met';
  const first = samples.find((sample) => !sample.ok);
  if (!first) return { outcome: missing, measured: 'did not fail' };
  const order = expectation.before === null ? null : orderOf(node, expectation.before, samples, evidence, missing);
  if (order && order.outcome !== 'met') return order;
  const { outcome } = expectation;
  if (outcome !== null && !samples.some((sample) => hasOutcome(sample, outcome))) {
    return { outcome: missing, measured: `failed with ${first.outcome}, never with ${outcome}` };
  }
  const seen = outcome === null ? first.outcome : outcome;
  return { outcome: 'met', measured: order ? `${order.measured}, with ${seen}` : `failed with ${seen}` };
}

/** Both first failures count from the loss of the control plane, so that side outages before it do not matter. */
function orderOf(
  node: string,
  before: string,
  samples: readonly Sample[],
  { series, loss, moments, window }: Evidence,
  missing: Finding['outcome'],
): Finding {
  const fromMs = loss.atMs ?? window.fromMs;
  const healMs = moments.healStartMs ?? window.toMs;
  const own = samples.find((sample) => sample.dueMs >= fromMs && !sample.ok);
  if (!own) return { outcome: missing, measured: 'did not fail after the control plane was lost' };
  const other = series(before).find((one) => one.node === node);
  if (!other) return { outcome: 'unknown', measured: `nothing is known of ${before}` };
  const otherFirst = dueBetween(other.samples, fromMs, healMs).find((sample) => !sample.ok);
  if (otherFirst && otherFirst.startMs <= own.startMs) {
    const lateMs = own.startMs - otherFirst.startMs;
    return { outcome: 'not-met', measured: `first failed ${formatTime(lateMs)} after ${before}` };
  }
  if (lostIn(other, fromMs, own.dueMs).length > 0) {
    return { outcome: 'unknown', measured: `samples of ${before} are missing before its first failure` };
  }
  return {
    outcome: 'met',
    measured: otherFirst
      ? `first failed ${formatTime(otherFirst.startMs - own.startMs)} before ${before}`
      : `failed, and ${before} did not`,
  };
}

/** `SERVFAIL` and `resolve:SERVFAIL` both name `resolve:SERVFAIL`. */
function hasOutcome(sample: Sample, outcome: string): boolean {
  return !sample.ok && (sample.outcome === outcome || sample.outcome.endsWith(`:${outcome}`));
}
