import type { PlannedExpectation } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatShare } from './format.ts';
import { lastRefresh } from './refresh.ts';
import { staleShare, staleStretches } from './stale.ts';

type AnswersStale = Extract<PlannedExpectation, { kind: 'answers-stale' }>;

/** The lane answered from stale entries for most of the time from its expiry to the heal: its protection was needed. */
export function answersStale(node: string, expectation: AnswersStale, evidence: Evidence): Finding {
  const { healStartMs } = evidence.moments;
  const expiry = expiryOf(node, expectation.lane, evidence);
  if (healStartMs === null) return { outcome: 'unknown', measured: 'the log ends before the heal' };
  if (!expiry) return { outcome: 'unknown', measured: 'no refresh of the cache was seen' };
  if (!expiry.certain) return { outcome: 'unknown', measured: 'samples are missing at its last refresh' };
  const share = staleShareOn(node, expectation.lane, evidence);
  if (share === null) return { outcome: 'not-met', measured: 'its entries had not expired when the heal began' };
  return {
    outcome: share >= expectation.share ? 'met' : 'not-met',
    measured: `stale for ${formatShare(share)} of the time from expiry to the heal`,
  };
}

/** Share of the time from a cache's expiry to the heal that it answered from stale entries; null: never expired. */
export function staleShareOn(node: string, lane: string, evidence: Evidence): number | null {
  const series = evidence.series(lane).find((one) => one.node === node);
  const expiry = expiryOf(node, lane, evidence);
  const { healStartMs } = evidence.moments;
  if (!series || !expiry || healStartMs === null) return null;
  return staleShare(staleStretches(series, evidence.cacheReads(lane, node)), expiry.atMs, healStartMs);
}

/** When the entry that a cache held at the heal ran out; null for lanes that are no cache. */
function expiryOf(
  node: string,
  lane: string,
  { plan, series, moments }: Evidence,
): { readonly atMs: number; readonly certain: boolean } | null {
  const probe = plan.lanes.find((one) => one.name === lane)?.probe;
  const samples = series(lane).find((one) => one.node === node);
  if (probe?.kind !== 'node-dns-cache' || !samples || moments.healStartMs === null) return null;
  const refresh = lastRefresh(samples, moments.healStartMs);
  return refresh && { atMs: refresh.atMs + probe.holdMs, certain: refresh.certain };
}
