import type { RunEvent } from '../core/events.ts';
import { rounded, type Load } from './load-schema.ts';

type ApiUse = Pick<Load, 'listS' | 'cpuPerS' | 'idleCpuPerS' | 'cpuPerListS' | 'unreachable'>;
type Read = Extract<RunEvent, { type: 'api-metrics'; reachable: true }>;

/** The shortest stretch between two reads from which a rate is taken. */
const leastMs = 5_000;

/**
 * What the API server used, by its own metrics. Nothing is told where it was not reachable, or where it began anew: its
 * counters would be those of another process.
 */
export function apiUse(
  events: readonly RunEvent[],
  resource: string,
  window: { readonly fromMs: number; readonly toMs: number; readonly rolloutMs: number },
): ApiUse {
  const told = events.filter((event) => event.type === 'api-metrics');
  const idle = between(told, Number.NEGATIVE_INFINITY, window.rolloutMs);
  const busy = between(told, window.fromMs, window.toMs);
  const inWindow = told.filter((event) => event.monotonicMs >= window.fromMs && event.monotonicMs <= window.toMs);
  const idleCpuPerS = idle && cpuRate(idle);
  const cpuPerS = busy && cpuRate(busy);
  const lists = busy && listsIn(busy, resource);
  const passedS = busy ? secondsOf(busy) : 0;
  const hasCost = lists && lists.count > 0 && cpuPerS !== undefined && idleCpuPerS !== undefined;
  return {
    listS: lists && lists.count > 0 ? rounded(lists.totalS / lists.count) : null,
    cpuPerS: cpuPerS === undefined ? null : rounded(cpuPerS),
    idleCpuPerS: idleCpuPerS === undefined ? null : rounded(idleCpuPerS),
    cpuPerListS: hasCost ? rounded(((cpuPerS - idleCpuPerS) * passedS) / lists.count) : null,
    unreachable: inWindow.filter((event) => !event.reachable).length,
  };
}

type Pair = readonly [first: Read, last: Read];

function between(
  told: readonly Extract<RunEvent, { type: 'api-metrics' }>[],
  fromMs: number,
  toMs: number,
): Pair | undefined {
  const reads = told.filter((event) => event.reachable).filter(({ monotonicMs: ms }) => ms >= fromMs && ms <= toMs);
  const [first, last] = [reads[0], reads.at(-1)];
  return first && last && last.monotonicMs - first.monotonicMs >= leastMs ? [first, last] : undefined;
}

function secondsOf([first, last]: Pair): number {
  return (last.monotonicMs - first.monotonicMs) / 1_000;
}

function cpuRate(pair: Pair): number | undefined {
  const [{ cpuS: before }, { cpuS: after }] = pair;
  return before === null || after === null || after < before ? undefined : (after - before) / secondsOf(pair);
}

function listsIn([first, last]: Pair, resource: string): { count: number; totalS: number } | undefined {
  const before = first.lists[resource] ?? { count: 0, totalS: 0 };
  const after = last.lists[resource];
  if (!after || after.count < before.count) return undefined;
  return { count: after.count - before.count, totalS: after.totalS - before.totalS };
}
