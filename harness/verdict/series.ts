import type { RunEvent } from '../core/events.ts';
import { toSample, type Sample, type SampleRow } from '../core/sample.ts';

type SamplesEvent = Extract<RunEvent, { type: 'samples' }>;

/** A sample that is missing: when it was due is known from its neighbours, how it ended is not. */
export interface LostSample {
  readonly dueMs: number;
}

/** The samples of one lane on one node, on the run's clock, in order of when they were due. */
export interface Series {
  readonly lane: string;
  readonly node: string;
  readonly intervalMs: number;
  readonly samples: readonly Sample[];
  /** Missing between two others, in order. */
  readonly lost: readonly LostSample[];
  /** Indexes of the samples with which a new session of the prober begins. */
  readonly sessionStarts: readonly number[];
}

/** How a node's clock lies to the run's: from the read with the smallest error in the whole log. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** The best offset of every node. */
export function clockOffsets(events: readonly RunEvent[]): ReadonlyMap<string, ClockOffset> {
  const offsets = new Map<string, ClockOffset>();
  for (const event of events) {
    if (event.type !== 'samples') continue;
    const known = offsets.get(event.node);
    if (!known || event.errorMs < known.errorMs) {
      offsets.set(event.node, { offsetMs: event.offsetMs, errorMs: event.errorMs });
    }
  }
  return offsets;
}

/** Puts together what the log holds of one lane on one node. Rows that were read twice count once. */
export function buildSeries(
  key: { readonly lane: string; readonly node: string; readonly rateHz: number },
  events: readonly SamplesEvent[],
  offsetMs: number,
): Series {
  const seen = new Set<string>();
  const entries: { readonly session: string; readonly sample: Sample }[] = [];
  for (const { session, rows } of events) {
    for (const row of rows) addRow(row, session);
  }
  function addRow(row: SampleRow, session: string): void {
    const identity = `${session} ${row[0]}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    entries.push({ session, sample: toSample(row, offsetMs) });
  }
  entries.sort((a, b) => a.sample.dueMs - b.sample.dueMs || a.sample.seq - b.sample.seq);
  const intervalMs = 1_000 / key.rateHz;
  const lost: LostSample[] = [];
  const sessionStarts: number[] = [];
  for (let index = 1; index < entries.length; index++) {
    const [before, after] = [entries[index - 1]!, entries[index]!];
    const isNewSession = before.session !== after.session;
    if (isNewSession) sessionStarts.push(index);
    lost.push(...lostBetween(before.sample, after.sample, isNewSession, intervalMs));
  }
  const samples = entries.map((entry) => entry.sample);
  return { lane: key.lane, node: key.node, intervalMs, samples, lost, sessionStarts };
}

/** The samples that should have been due in `[fromMs, toMs)` and are missing: between others, before and after all. */
export function lostIn(series: Series, fromMs: number, toMs: number): readonly LostSample[] {
  const { intervalMs, samples } = series;
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return slots(fromMs, Math.floor((toMs - fromMs) / intervalMs), intervalMs);
  const head = slots(fromMs, Math.floor((first.dueMs - fromMs) / intervalMs), intervalMs);
  // The last one may be due in the very moment, and another one just before it: neither was lost.
  const tailFromMs = Math.max(fromMs, last.dueMs + intervalMs);
  const tail = slots(tailFromMs, Math.floor((toMs - tailFromMs) / intervalMs), intervalMs);
  return [...head, ...dueBetween(series.lost, fromMs, toMs), ...tail];
}

/** The samples that were due in `[fromMs, toMs)`. */
export function dueBetween<T extends LostSample>(samples: readonly T[], fromMs: number, toMs: number): readonly T[] {
  return samples.slice(firstDue(samples, fromMs), firstDue(samples, toMs));
}

/** Index of the first sample that was due at this time or later. */
export function firstDue(samples: readonly LostSample[], atMs: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.dueMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lostBetween(before: Sample, after: Sample, isNewSession: boolean, intervalMs: number): LostSample[] {
  const spanMs = after.dueMs - before.dueMs;
  const count = isNewSession ? Math.round(spanMs / intervalMs) - 1 : after.seq - before.seq - 1;
  const stepMs = spanMs / (count + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({ dueMs: before.dueMs + (index + 1) * stepMs }));
}

function slots(fromMs: number, count: number, intervalMs: number): LostSample[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({ dueMs: fromMs + index * intervalMs }));
}
