import type { Evidence } from './evidence.ts';
import { apiLane } from './evidence.ts';
import { firstDue, lostIn, type Series } from './series.ts';

export interface Recovery {
  /** First success of the API after the heal began, or the heal itself when the API never failed; null: never back. */
  readonly apiBackMs: number | null;
  /** From there to the start of the healthy window; null: none was seen. */
  readonly timeToRecoverMs: number | null;
  /** inconclusive: the data ends too early, or missing samples could decide it. */
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
}

/** How long the lanes took to be well again after the API was back. */
export function recovery(evidence: Evidence): Recovery {
  const { plan, moments, loss } = evidence;
  const { lanes, atMostMs, healthyForMs } = plan.recovery;
  const healMs = moments.healStartMs;
  if (healMs === null) return { apiBackMs: null, timeToRecoverMs: null, verdict: 'inconclusive' };
  const api = apiLane(plan);
  const apiSeries = api && loss.atMs !== null ? evidence.series(api.name) : undefined;
  const apiBackMs = apiSeries ? firstSuccessMs(apiSeries, healMs) : healMs;
  const series = lanes.flatMap((lane) => evidence.series(lane));
  const seen = healthyWindow(series, healMs, healthyForMs, false);
  const isSeen = apiBackMs !== null && seen.complete;
  return {
    apiBackMs,
    timeToRecoverMs: isSeen ? Math.max(0, seen.startMs - apiBackMs) : null,
    verdict: judgeRecovery(),
  };

  function judgeRecovery(): Recovery['verdict'] {
    if (!healWentWell(evidence)) return 'inconclusive';
    const lastMs = Math.min(...[...series, ...(apiSeries ?? [])].map((one) => one.samples.at(-1)?.dueMs ?? healMs!));
    if (apiBackMs === null) return lastMs - healMs! > atMostMs ? 'fail' : 'inconclusive';
    // Whatever came after the data, the lanes were not well before this moment.
    const earliestMs = Math.min(seen.startMs, lastMs);
    if (earliestMs - apiBackMs > atMostMs) return 'fail';
    const earliestBackMs = apiSeries ? (firstSuccessOrLostMs(apiSeries, healMs!) ?? apiBackMs) : apiBackMs;
    const surely = healthyWindow(series, healMs!, healthyForMs, true);
    return surely.complete && surely.startMs - earliestBackMs <= atMostMs ? 'pass' : 'inconclusive';
  }
}

/** The first stretch without a failure on all series. Not complete: the data ends before its end. */
function healthyWindow(
  series: readonly Series[],
  fromMs: number,
  healthyForMs: number,
  lostFail: boolean,
): { readonly startMs: number; readonly complete: boolean } {
  const failures = series.flatMap((one) => failuresFrom(one, fromMs, lostFail)).toSorted((a, b) => a.dueMs - b.dueMs);
  let startMs = fromMs;
  for (const failure of failures) {
    if (failure.dueMs >= startMs + healthyForMs) break;
    startMs = Math.max(startMs, failure.nextOkMs);
  }
  const endMs = startMs + healthyForMs;
  // The live half stops as soon as it has seen the window: its last sample is due up to two intervals before the end.
  const complete = series.every((one) => (one.samples.at(-1)?.dueMs ?? -1) >= endMs - 2 * one.intervalMs);
  return { startMs, complete: complete && series.length > 0 };
}

interface Failure {
  readonly dueMs: number;
  /** Start of the first success after it; infinite when there was none. */
  readonly nextOkMs: number;
}

function failuresFrom(series: Series, fromMs: number, lostFail: boolean): readonly Failure[] {
  const known = series.samples.slice(firstDue(series.samples, fromMs));
  const lastDueMs = known.at(-1)?.dueMs ?? fromMs;
  const lost = lostFail
    ? lostIn(series, fromMs, lastDueMs).map(({ dueMs }) => ({ dueMs, startMs: dueMs, ok: false }))
    : [];
  const failures: Failure[] = [];
  let nextOkMs = Number.POSITIVE_INFINITY;
  for (const sample of [...known, ...lost].toSorted((a, b) => b.dueMs - a.dueMs)) {
    if (sample.ok) nextOkMs = sample.startMs;
    else failures.push({ dueMs: sample.dueMs, nextOkMs });
  }
  return failures;
}

function firstSuccessMs(api: readonly Series[], fromMs: number): number | null {
  const starts = api.flatMap(
    ({ samples }) => samples.slice(firstDue(samples, fromMs)).find((sample) => sample.ok)?.startMs ?? [],
  );
  return starts.length > 0 ? Math.min(...starts) : null;
}

/** The same, if every missing sample had been a success. */
function firstSuccessOrLostMs(api: readonly Series[], fromMs: number): number | null {
  const knownMs = firstSuccessMs(api, fromMs);
  if (knownMs === null) return null;
  const lost = api.flatMap((series) => lostIn(series, fromMs, knownMs)[0]?.dueMs ?? []);
  return Math.min(knownMs, ...lost);
}

/** A recovery that our own undo delayed says nothing about the cluster. */
function healWentWell({ events }: Evidence): boolean {
  return !events.some((event) => event.type === 'phase-ended' && event.phase === 'heal' && event.outcome !== 'ok');
}
