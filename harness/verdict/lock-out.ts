import { outages, type Outage } from './outage.ts';
import type { Series } from './series.ts';

/** Fewer failures in a row may be bad luck. */
const leastFailures = 5;

/**
 * The longest stretch without a success on any node of an operator lane, with 5 failures at least; undefined when there
 * was none. A call that is not answered within the lane's deadline has failed.
 */
export function longestLockOut(series: readonly Series[], fromMs: number, toMs: number): Outage | undefined {
  return series
    .flatMap((one) => outages(one, fromMs, toMs).filter((outage) => failuresIn(one, outage) >= leastFailures))
    .toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))[0];
}

function failuresIn({ samples }: Series, { startMs, endMs }: Outage): number {
  return samples.filter((sample) => !sample.ok && sample.startMs >= startMs && sample.startMs < endMs).length;
}
