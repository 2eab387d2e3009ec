import type { RunEvent } from '../core/events.ts';
import { polledRollout } from './agent-load.ts';
import { apiStretch, cpuRate, listsIn, type ApiStretch } from './api-reads.ts';
import type { Evidence } from './evidence.ts';
import type { Result } from './result.ts';

type Side = NonNullable<Result['apiServer']>['before'];

/** What the API server said of itself, before the first fault and from then to the heal; null where nobody asked it. */
export function apiServerResult({
  plan,
  events,
  moments,
}: Pick<Evidence, 'plan' | 'events' | 'moments'>): Result['apiServer'] {
  const told = events.filter((event) => event.type === 'api-metrics');
  if (told.length === 0) return null;
  const { firstFaultMs, healStartMs, endMs } = moments;
  const faultMs = firstFaultMs ?? endMs;
  const healMs = healStartMs ?? endMs;
  const resource = polledRollout(plan)?.agent.resource ?? 'pods';
  const during = apiStretch(events, faultMs, healMs);
  const reachable = told.filter((event) => event.reachable);
  return {
    reads: told.length,
    unreachable: told.length - reachable.length,
    resource,
    before: sideOf(apiStretch(events, Number.NEGATIVE_INFINITY, faultMs), resource),
    during: sideOf(during, resource),
    inFlightMax: Math.max(0, ...inFlight(reachable)),
    rejected: during ? rejectedIn(during) : {},
  };
}

function sideOf(stretch: ApiStretch | undefined, resource: string): Side {
  const lists = stretch && listsIn(stretch, resource);
  const cpu = stretch && cpuRate(stretch);
  return {
    cpuPerS: cpu === undefined ? null : rounded(cpu),
    listsPerS: stretch ? rounded((lists?.count ?? 0) / stretch.seconds) : null,
    listS: lists ? rounded(lists.totalS / lists.count) : null,
  };
}

function inFlight(reads: readonly Extract<RunEvent, { type: 'api-metrics'; reachable: true }>[]): readonly number[] {
  return reads.map(({ inFlight: byKind }) => Object.values(byKind).reduce((sum, count) => sum + count, 0));
}

/** By level, those where something was turned away; a server that began anew counted from zero. */
function rejectedIn({ before, after }: ApiStretch): Readonly<Record<string, number>> {
  const counts = Object.entries(after.levels).map(([level, { rejected }]) => {
    const earlier = before.levels[level]?.rejected ?? 0;
    return [level, rejected >= earlier ? rejected - earlier : rejected] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
