import type { RunEvent } from '../core/events.ts';
import { apiStretch, cpuRate, listsIn } from '../verdict/api-reads.ts';
import { rounded, type Load } from './load-schema.ts';

/** What the API server used for these LISTs, by its own metrics; nothing where it could not be asked or began anew. */
export function apiUse(
  events: readonly RunEvent[],
  resource: string,
  window: { readonly fromMs: number; readonly toMs: number; readonly rolloutMs: number },
): Pick<Load, 'listS' | 'cpuPerS' | 'idleCpuPerS' | 'cpuPerListS' | 'unreachable'> {
  const idle = apiStretch(events, Number.NEGATIVE_INFINITY, window.rolloutMs);
  const busy = apiStretch(events, window.fromMs, window.toMs);
  const idleCpuPerS = idle && cpuRate(idle);
  const cpuPerS = busy && cpuRate(busy);
  const lists = busy && listsIn(busy, resource);
  const hasCost = lists && cpuPerS !== undefined && idleCpuPerS !== undefined;
  return {
    listS: lists ? rounded(lists.totalS / lists.count) : null,
    cpuPerS: cpuPerS === undefined ? null : rounded(cpuPerS),
    idleCpuPerS: idleCpuPerS === undefined ? null : rounded(idleCpuPerS),
    cpuPerListS: hasCost ? rounded(((cpuPerS - idleCpuPerS) * busy.seconds) / lists.count) : null,
    unreachable: events.filter((event) => isUnanswered(event, window)).length,
  };
}

function isUnanswered(event: RunEvent, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): boolean {
  return event.type === 'api-metrics' && !event.reachable && event.monotonicMs >= fromMs && event.monotonicMs <= toMs;
}
