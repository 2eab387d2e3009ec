import type { Clock } from '../../core/clock.ts';
import type { AgentCounters } from '../../core/events.ts';
import type { Observations } from '../fault.ts';

/** Probers that sample every 50 ms and see what the test says. */
export interface FakeObservations extends Observations {
  /** From now on this lane sees that outcome, on one node or on all; undefined: no samples any more. */
  see(lane: string, outcome: string | undefined, node?: string): void;
  /** From now on successful samples take so long, on every lane and node; before, it was 1 ms. */
  slow(ms: number): void;
  /** A telemetry agent on this node tells its counters now. */
  tell(node: string, counters: Partial<AgentCounters>): void;
}

interface Change {
  readonly atMs: number;
  readonly lane: string;
  readonly node: string;
  readonly outcome: string | undefined;
}

const sampleMs = 50;

const idleAgent: AgentCounters = {
  pod: 'agent',
  mode: 'watch',
  nodes: 1,
  requests: 1,
  ok: 1,
  refused: 0,
  forbidden: 0,
  failed: 0,
  timeouts: 0,
  bytes: 0,
  inFlight: 0,
  p50Ms: -1,
  p99Ms: -1,
};

export function fakeObservations(
  clock: Clock,
  nodes: readonly string[],
  dnsLane: string | undefined,
): FakeObservations {
  const changes: Change[] = [];
  const speeds: { readonly atMs: number; readonly ms: number }[] = [{ atMs: -Infinity, ms: 1 }];
  const reports = new Map<string, readonly (AgentCounters & { readonly atMs: number })[]>();
  const outcomeAt = (lane: string, node: string, atMs: number): string | undefined => {
    const last = changes.findLast((one) => one.lane === lane && one.node === node && one.atMs <= atMs);
    return last ? last.outcome : 'ok';
  };
  return {
    nodes,
    apiLane: 'api',
    dnsLane,
    reports: (node) => reports.get(node) ?? [],
    tell: (node, counters) => {
      reports.set(node, [{ ...idleAgent, ...counters, atMs: clock.monotonicMs() }]);
    },
    slow: (ms) => {
      speeds.push({ atMs: clock.monotonicMs(), ms });
    },
    // The test's speeds change at most once within a window, so its end tells.
    latencyMs: (_lane, _node, _quantile, { toMs }) => speeds.findLast(({ atMs }) => atMs < toMs)?.ms,
    see: (lane, outcome, node) => {
      for (const one of node === undefined ? nodes : [node]) {
        changes.push({ atMs: clock.monotonicMs(), lane, node: one, outcome });
      }
    },
    outcomes: (lane, node, sinceMs) => {
      const counts = new Map<string, number>();
      for (let atMs = Math.ceil(sinceMs / sampleMs) * sampleMs; atMs <= clock.monotonicMs(); atMs += sampleMs) {
        const outcome = outcomeAt(lane, node, atMs);
        if (outcome !== undefined) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      return counts;
    },
  };
}
