import type { CacheRead } from './evidence.ts';
import { dueBetween, lostIn, type Series } from './series.ts';

/** A stretch between two reads of a cache's own counter. */
export interface StaleStretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** The counter of answers from stale entries rose by at least half of the samples in it. */
  readonly stale: boolean;
}

/** Half of the samples: a read falls anywhere between two answers, and a stretch may turn stale in its middle. */
const staleShareOfSamples = 0.5;
/** Reads farther apart than this do not say when in between the answers were stale. */
const farApartMs = 10_000;

/** The stretches between the reads of one cache, in order of time. */
export function staleStretches(series: Series, reads: readonly CacheRead[]): readonly StaleStretch[] {
  return reads.slice(1).map((read, index) => {
    const { atMs: fromMs, servedStale } = reads[index]!;
    const toMs = read.atMs;
    const samples = dueBetween(series.samples, fromMs, toMs).length + lostIn(series, fromMs, toMs).length;
    const rise = read.servedStale - servedStale;
    const stale = samples > 0 && toMs - fromMs <= farApartMs && rise >= staleShareOfSamples * samples;
    return { fromMs, toMs, stale };
  });
}

/** The share of a stretch of time that was answered from stale entries, 0 to 1; null when the stretch is empty. */
export function staleShare(stretches: readonly StaleStretch[], fromMs: number, toMs: number): number | null {
  if (toMs <= fromMs) return null;
  const staleMs = stretches
    .filter((stretch) => stretch.stale)
    .reduce((sum, one) => sum + Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)), 0);
  return staleMs / (toMs - fromMs);
}
