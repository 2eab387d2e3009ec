import { firstDue, type Series } from './series.ts';
import type { StaleStretch } from './stale.ts';

export interface Stretch {
  readonly state: 'fresh' | 'stale' | 'failing' | 'nothing';
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fine enough to show an outage of a second, coarse enough to read. */
const stepMs = 1_000;

/** What a lane answered from on one node: fresh entries, stale ones, mostly failures, or nothing was asked. */
export function timeline(
  series: Series,
  stale: readonly StaleStretch[],
  fromMs: number,
  toMs: number,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let endMs = fromMs;
  for (let startMs = fromMs; startMs < toMs; startMs = endMs) {
    // A last step that is cut short joins the one before: it may be too short to hold a sample.
    endMs = toMs - startMs < 2 * stepMs ? toMs : startMs + stepMs;
    const state = stateBetween(series, stale, startMs, endMs);
    const last = stretches.at(-1);
    if (last?.state === state) stretches[stretches.length - 1] = { ...last, toMs: endMs };
    else stretches.push({ state, fromMs: startMs, toMs: endMs });
  }
  return stretches;
}

function stateBetween(
  { samples }: Series,
  stale: readonly StaleStretch[],
  fromMs: number,
  toMs: number,
): Stretch['state'] {
  const [first, end] = [firstDue(samples, fromMs), firstDue(samples, toMs)];
  if (first === end) return 'nothing';
  let failures = 0;
  for (let index = first; index < end; index++) failures += samples[index]!.ok ? 0 : 1;
  if (2 * failures >= end - first) return 'failing';
  const middleMs = (fromMs + toMs) / 2;
  return stale.some((one) => one.stale && one.fromMs <= middleMs && middleMs < one.toMs) ? 'stale' : 'fresh';
}
