import { dueBetween, lostIn, type Series } from './series.ts';

/** A stretch without a success. */
export interface Outage {
  /** Start of the first failed sample. */
  readonly startMs: number;
  /** Start of the first success after it; the end of the time looked at when there was none. */
  readonly endMs: number;
  readonly open: boolean;
}

/** All outages of a lane on a node among the samples due in `[fromMs, toMs)`. `lostFail`: missing ones count as failed. */
export function outages(series: Series, fromMs: number, toMs: number, lostFail = false): readonly Outage[] {
  const known = dueBetween(series.samples, fromMs, toMs);
  const lost = lostFail ? lostIn(series, fromMs, toMs).map(({ dueMs }) => ({ dueMs, startMs: dueMs, ok: false })) : [];
  const all = lost.length === 0 ? known : [...known, ...lost].toSorted((a, b) => a.dueMs - b.dueMs);
  const found: Outage[] = [];
  let startMs: number | undefined;
  for (const sample of all) {
    if (!sample.ok) startMs ??= sample.startMs;
    else if (startMs !== undefined) {
      found.push({ startMs, endMs: sample.startMs, open: false });
      startMs = undefined;
    }
  }
  if (startMs !== undefined) found.push({ startMs, endMs: Math.max(startMs, toMs), open: true });
  return found;
}

/** The longest of them, 0 for none. */
export function longestMs(found: readonly Outage[]): number {
  return Math.max(0, ...found.map((outage) => outage.endMs - outage.startMs));
}
