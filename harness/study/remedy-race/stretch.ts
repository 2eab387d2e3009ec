import { dueBetween, lostIn, type Series } from '../../verdict/series.ts';

/** Shorter ones may be luck. */
const stretchMs = 5_000;

/**
 * The first answer in the first stretch of 5 s without a failure among the samples that were due in `[fromMs, toMs)`: a
 * call that began earlier may have waited in a queue for it. A missing sample is a failure. Null when there was none.
 */
export function firstGoodMs(series: Series, fromMs: number, toMs: number): number | null {
  const lost = lostIn(series, fromMs, toMs).map(({ dueMs }) => ({ dueMs, startMs: dueMs, endMs: dueMs, ok: false }));
  const all = [...dueBetween(series.samples, fromMs, toMs), ...lost].toSorted((a, b) => a.dueMs - b.dueMs);
  let stretch: typeof all = [];
  for (const sample of all) {
    stretch = sample.ok ? [...stretch, sample] : [];
    const [first] = stretch;
    if (first && sample.startMs - first.startMs >= stretchMs) return Math.min(...stretch.map(({ endMs }) => endMs));
  }
  return null;
}

/** Nothing succeeded in the 5 s before this moment, and something was tried. */
export function wasBroken(series: Series, atMs: number): boolean {
  const before = dueBetween(series.samples, atMs - stretchMs, atMs);
  return before.length > 0 && !before.some(({ ok, endMs }) => ok && endMs <= atMs);
}
