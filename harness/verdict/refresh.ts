import { refreshTimes, type Sample } from '../core/sample.ts';
import { firstDue, type Series } from './series.ts';

/** When a cache last refreshed its entry. */
export interface Refresh {
  /** Milliseconds since the start of the run. */
  readonly atMs: number;
  /** False when a sample is missing right before it: the refresh may have been earlier. */
  readonly certain: boolean;
}

/** The last refresh among the samples that were due before a moment; null: none was seen. */
export function lastRefresh(series: Series, beforeMs: number): Refresh | null {
  const before = series.samples.slice(0, firstDue(series.samples, beforeMs));
  const atMs = refreshTimes(before).at(-1);
  if (atMs === undefined) return null;
  const index = before.findLastIndex((sample) => refreshedMs(sample) === atMs);
  const previous = before[index - 1];
  // The first sample of all only looks like a refresh: what the cache held before it is not known.
  if (!previous) return null;
  // Further on nothing short of a gap can hide another refresh: a hold is 5 s at least.
  return { atMs, certain: !isAnyLost(series, previous.dueMs, before[index]!.dueMs) };
}

/** True when a sample is missing between two moments. */
export function isAnyLost({ lost }: Series, fromMs: number, toMs: number): boolean {
  return firstDue(lost, fromMs) < firstDue(lost, toMs);
}

function refreshedMs(sample: Sample): number {
  return sample.startMs + Math.max(sample.resolveMs, 0);
}
