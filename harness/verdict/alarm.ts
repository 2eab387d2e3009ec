import type { Sample } from '../core/sample.ts';
import { quantile } from '../core/quantile.ts';
import type { PlannedRule } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import { dueBetween, type Series } from './series.ts';

/** With fewer samples a rule says nothing. */
const leastSamples = 5;
/** One slow or failed call is bad luck: at one call a second a quantile over seconds is the worst of a few. */
const leastBad = 2;

/**
 * When an alarm with this rule would have gone off, evaluated at the end of every sample as a monitoring system that
 * learns of it at once would; null: never. Only samples due in `[fromMs, toMs)` count.
 */
export function alarmAtMs(series: readonly Series[], rule: PlannedRule, fromMs: number, toMs: number): number | null {
  const moments = series.flatMap((one) => {
    const ended = dueBetween(one.samples, fromMs, toMs).toSorted((a, b) => a.endMs - b.endMs);
    return firstAlarm(ended, rule) ?? [];
  });
  return moments.length === 0 ? null : Math.min(...moments);
}

function firstAlarm(ended: readonly Sample[], rule: PlannedRule): number | undefined {
  let first = 0;
  for (const [index, { endMs }] of ended.entries()) {
    while (ended[first]!.endMs <= endMs - rule.overMs) first++;
    if (isAlarming(ended.slice(first, index + 1), rule)) return endMs;
  }
  return undefined;
}

function isAlarming(samples: readonly Sample[], { atLeast, p99Ms }: PlannedRule): boolean {
  const good = samples.filter((sample) => sample.ok);
  const slow = good.filter((sample) => sample.totalMs > p99Ms).length;
  if (samples.length < leastSamples || samples.length - good.length + slow < leastBad) return false;
  if (good.length / samples.length < atLeast) return true;
  const p99 = quantile(
    good.map((sample) => sample.totalMs),
    0.99,
  );
  return (p99 ?? 0) > p99Ms;
}

/** The first failure of the data plane, subject or control lane, from the first fault to the heal; null: none. */
export function firstDataPlaneErrorMs({ plan, moments, series }: Evidence): number | null {
  const { firstFaultMs } = moments;
  const endMs = moments.healStartMs ?? moments.endMs;
  if (firstFaultMs === null) return null;
  const lanes = plan.lanes.filter((lane) => lane.role !== 'reference');
  const failures = lanes.flatMap((lane) =>
    series(lane.name).flatMap(
      (one) => dueBetween(one.samples, firstFaultMs, endMs).find((sample) => !sample.ok)?.startMs ?? [],
    ),
  );
  return failures.length === 0 ? null : Math.min(...failures);
}
