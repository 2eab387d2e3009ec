import { failedHop, type Sample } from '../core/sample.ts';
import { firstDue, type Series } from './series.ts';

/** What CoreDNS itself did while a lane in front of it was probed. */
export type UpstreamState = 'answering' | 'noListener' | 'servfail' | 'endpointsEmpty' | 'unknown';

export const upstreamStates: readonly UpstreamState[] = [
  'answering',
  'noListener',
  'servfail',
  'endpointsEmpty',
  'unknown',
];

/** A sample of CoreDNS farther away than this says nothing about the moment. */
const nearMs = 1_000;

/** Outcomes of a name server that is not there, or whose Service rejects because it has no endpoints. */
const absent = new Set(['refused', 'timeout', 'unreachable']);

/** The state by the sample of CoreDNS on the same node that is nearest in time. */
export function upstreamAt(dns: Series | undefined, atMs: number, healStartMs: number | null): UpstreamState {
  const nearest = dns && nearestSample(dns, atMs);
  if (!nearest || Math.abs(nearest.dueMs - atMs) > nearMs) return 'unknown';
  // Whoever got as far as connecting had an answer.
  if (failedHop(nearest) !== 'resolve') return 'answering';
  const cause = nearest.outcome.slice('resolve:'.length);
  if (cause === 'SERVFAIL') return 'servfail';
  if (!absent.has(cause)) return 'unknown';
  return healStartMs !== null && nearest.dueMs >= healStartMs ? 'endpointsEmpty' : 'noListener';
}

function nearestSample({ samples }: Series, atMs: number): Sample | undefined {
  const index = firstDue(samples, atMs);
  const [before, after] = [samples[index - 1], samples[index]];
  if (!before || !after) return before ?? after;
  return atMs - before.dueMs <= after.dueMs - atMs ? before : after;
}
