import { outages, type Outage } from './outage.ts';
import type { Series } from './series.ts';

/** Fewer failures in a row may be bad luck. */
const leastFailures = 5;

/**
 * The stretches without a success on any node of an operator lane, with 5 failures at least. A call that is not answered
 * within the lane's deadline has failed. `lostFail`: missing samples count as failed.
 */
function lockOuts(series: readonly Series[], fromMs: number, toMs: number, lostFail = false): readonly Outage[] {
  return series.flatMap((one) =>
    outages(one, fromMs, toMs, lostFail).filter((outage) => failuresIn(one, outage) >= leastFailures),
  );
}

/** The longest of them; undefined when there was none. */
export function longestLockOut(series: readonly Series[], fromMs: number, toMs: number): Outage | undefined {
  return lockOuts(series, fromMs, toMs).toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))[0];
}

/** When the first of them began; not certain when missing samples could have made it another moment. */
export function firstLockOut(
  series: readonly Series[],
  fromMs: number,
  toMs: number,
): { readonly atMs: number | null; readonly certain: boolean } {
  const [best, worst] = [false, true].map((lostFail) =>
    Math.min(...lockOuts(series, fromMs, toMs, lostFail).map(({ startMs }) => startMs)),
  ) as [number, number];
  return { atMs: Number.isFinite(best) ? best : null, certain: best === worst };
}

function failuresIn({ samples }: Series, { startMs, endMs }: Outage): number {
  return samples.filter((sample) => !sample.ok && sample.startMs >= startMs && sample.startMs < endMs).length;
}
