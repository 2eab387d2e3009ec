import { failedHop } from '../core/sample.ts';
import type { PlannedExpectation } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatShare, formatTime } from './format.ts';
import { isAnyLost, lastRefresh } from './refresh.ts';
import { dueBetween, lostIn } from './series.ts';

type BreaksAtExpiry = Extract<PlannedExpectation, { kind: 'breaks-at-expiry' }>;

/** The lane fails when its last answer has been held for the whole hold: neither early, nor late, nor elsewhere. */
export function breaksAtExpiry(node: string, expectation: BreaksAtExpiry, evidence: Evidence): Finding {
  const { loss, moments } = evidence;
  const series = evidence.series(expectation.lane).find((one) => one.node === node);
  if (loss.atMs === null) return { outcome: 'not-met', measured: 'the control plane was never lost' };
  if (!series || moments.healStartMs === null) return { outcome: 'unknown', measured: 'the log ends before the heal' };
  const samples = dueBetween(series.samples, loss.atMs, moments.healStartMs);
  const first = samples.find((sample) => !sample.ok);
  if (!first) {
    const isHole = samples.length === 0 || lostIn(series, loss.atMs, moments.healStartMs).length > 0;
    return isHole
      ? { outcome: 'unknown', measured: 'no failure among the samples that there are' }
      : { outcome: 'not-met', measured: 'did not fail' };
  }
  const refresh = lastRefresh(series, first.dueMs);
  if (!refresh) return { outcome: 'unknown', measured: 'no refresh of the cache was seen before its first failure' };
  if (!refresh.certain || isAnyLost(series, loss.atMs, first.dueMs)) {
    return { outcome: 'unknown', measured: 'samples are missing around its first failure' };
  }
  const afterMs = first.startMs - refresh.atMs;
  const rest = dueBetween(samples, first.dueMs, moments.healStartMs);
  const all = rest.length + lostIn(series, first.dueMs, moments.healStartMs).length;
  const share = rest.filter((sample) => !sample.ok).length / all;
  const hop = failedHop(first);
  const isMet =
    Math.abs(afterMs - expectation.holdMs) <= expectation.withinMs &&
    hop === expectation.hop &&
    share >= expectation.share;
  return {
    outcome: isMet ? 'met' : 'not-met',
    measured: `first failed ${formatTime(afterMs)} after its last refresh with ${first.outcome}, then ${formatShare(share)} of the time to the heal`,
  };
}
