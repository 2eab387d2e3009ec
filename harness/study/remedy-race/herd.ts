import type { RunEvent } from '../../core/events.ts';
import { operatorNode } from '../../plan/plan.ts';
import { seriesOn, type Evidence } from '../../verdict/evidence.ts';
import { longestLockOut } from '../../verdict/lock-out.ts';
import type { RemedyMeasures } from './findings.ts';

interface Window {
  /** When the normal admin was back; null: never. */
  readonly backMs: number | null;
  readonly fromMs: number;
  readonly endMs: number;
}

/** What came all at once when the API was back, and whether that took it away again. */
export function herdSince(lane: string, { backMs, fromMs, endMs }: Window, evidence: Evidence): RemedyMeasures['herd'] {
  const sinceMs = backMs ?? fromMs;
  const admin = seriesOn(operatorNode, lane, evidence);
  const isBack = admin !== undefined && backMs !== null;
  return {
    agentsPerS: agentsPerS(sinceMs, endMs, evidence.events),
    inFlight: inFlight(sinceMs, endMs, evidence.events),
    relocked: isBack ? longestLockOut([admin], backMs, endMs) !== undefined : null,
  };
}

/** By the agents' own counters, summed up for every second; null when no agent told anything. */
function agentsPerS(fromMs: number, toMs: number, events: readonly RunEvent[]): number | null {
  const known = new Map<string, number>();
  const perSecond = new Map<number, number>();
  for (const event of events) {
    if (event.type !== 'agent-report' || event.atMs > toMs) continue;
    const { pod, requests, atMs } = event;
    const more = Math.max(0, requests - (known.get(pod) ?? requests));
    known.set(pod, requests);
    if (atMs < fromMs) continue;
    const second = Math.floor(atMs / 1_000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + more);
  }
  // Who is gone tells nothing: that is no request, as long as something was told before.
  if (known.size === 0) return null;
  return Math.max(0, ...perSecond.values());
}

function inFlight(fromMs: number, toMs: number, events: readonly RunEvent[]): number | null {
  const sums = events.flatMap((event) => {
    const isIn = event.monotonicMs >= fromMs && event.monotonicMs <= toMs;
    if (!isIn || event.type !== 'api-metrics' || !event.reachable) return [];
    return [Object.values(event.inFlight).reduce((sum, one) => sum + one, 0)];
  });
  return sums.length === 0 ? null : Math.max(...sums);
}
