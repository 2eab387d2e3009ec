import type { ApiCounters, RunEvent } from '../core/events.ts';

/** The API server's own counters at the two ends of a stretch. */
export interface ApiStretch {
  readonly seconds: number;
  readonly before: ApiCounters;
  readonly after: ApiCounters;
}

/** The shortest stretch from which a rate is taken. */
const leastMs = 5_000;

/** Between the first and the last read that got an answer within these times; undefined for none, or too short a time. */
export function apiStretch(events: readonly RunEvent[], fromMs: number, toMs: number): ApiStretch | undefined {
  const reads = events
    .filter((event) => event.type === 'api-metrics')
    .filter((event) => event.reachable)
    .filter(({ monotonicMs: ms }) => ms >= fromMs && ms <= toMs);
  const [before, after] = [reads[0], reads.at(-1)];
  if (!before || !after || after.monotonicMs - before.monotonicMs < leastMs) return undefined;
  return { seconds: (after.monotonicMs - before.monotonicMs) / 1_000, before, after };
}

/** CPU seconds per second; undefined where the server does not say, or began anew: its counters are another process's. */
export function cpuRate({ before, after, seconds }: ApiStretch): number | undefined {
  if (before.cpuS === null || after.cpuS === null || after.cpuS < before.cpuS) return undefined;
  return (after.cpuS - before.cpuS) / seconds;
}

/** LISTs of this resource that were answered, and the sum of their durations; undefined for none and as for the CPU. */
export function listsIn(
  { before, after }: ApiStretch,
  resource: string,
): { readonly count: number; readonly totalS: number } | undefined {
  const earlier = before.lists[resource] ?? { count: 0, totalS: 0 };
  const later = after.lists[resource];
  if (!later || later.count <= earlier.count) return undefined;
  return { count: later.count - earlier.count, totalS: later.totalS - earlier.totalS };
}
