import type { Series } from './series.ts';

/** A stretch of a lane on a node without samples, or one in which the prober began anew. */
export interface Gap {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: 'no-samples' | 'new-session';
}

/** Longer than this without a sample is a gap: one second, or five sampling intervals of a slow lane. */
export function gapLimitMs(intervalMs: number): number {
  return Math.max(1_000, 5 * intervalMs);
}

/** The gaps of a series between two moments. */
export function gaps(series: Series, fromMs: number, toMs: number): readonly Gap[] {
  const { node, samples, sessionStarts, intervalMs } = series;
  const limitMs = gapLimitMs(intervalMs);
  const found: Gap[] = [];
  let previousMs = fromMs;
  for (const [index, { dueMs }] of samples.entries()) {
    if (dueMs > toMs) break;
    const cause = sessionStarts.includes(index) ? 'new-session' : 'no-samples';
    const isGap = cause === 'new-session' || dueMs - previousMs > limitMs;
    if (isGap && dueMs > fromMs) found.push({ node, fromMs: previousMs, toMs: dueMs, cause });
    previousMs = Math.max(previousMs, dueMs);
  }
  if (toMs - previousMs > limitMs) found.push({ node, fromMs: previousMs, toMs, cause: 'no-samples' });
  return found;
}
