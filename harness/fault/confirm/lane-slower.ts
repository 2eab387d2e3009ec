import type { FaultContext } from '../fault.ts';
import type { Observation } from './observation.ts';
import { watchFor } from './watch.ts';

export interface LaneSlower {
  readonly lane: string;
  /** On each of these nodes. */
  readonly nodes: readonly string[];
  readonly sinceMs: number;
  readonly timeoutMs: number;
}

/** What came before the injection is compared over so long, and what came last. */
const windowMs = 10_000;
/** The injection itself takes CPU from everybody for a moment. */
const settlingMs = 3_000;
/** At the API lane's 20 a second: two seconds. */
const leastSamples = 40;
const quantile = 0.9;
/** Less of both may be chance. */
const times = 2;
const moreMs = 10;
const intervalMs = 500;

/**
 * Looks whether a lane has become slower than in the 10 s before the injection: p90 at least twice as long and 10 ms more,
 * over the last 10 s. A failed sample counts as slower than any success.
 */
export async function laneSlower(slower: LaneSlower, context: FaultContext): Promise<Observation> {
  const { lane, nodes, sinceMs, timeoutMs } = slower;
  const p90 = (node: string, fromMs: number, toMs: number): number | undefined =>
    context.observations.latencyMs(lane, node, quantile, { fromMs, toMs, leastSamples });
  const before = nodes.map((node) => p90(node, sinceMs - windowMs, sinceMs));
  const lately = (): readonly (number | undefined)[] =>
    nodes.map((node) => p90(node, Math.max(sinceMs + settlingMs, context.nowMs() - windowMs), context.nowMs()));
  const isSlower = (ms: number | undefined, index: number): boolean => {
    const was = before[index] ?? Infinity;
    return (ms ?? 0) >= Math.max(times * was, was + moreMs);
  };
  const look = (): true | undefined => (nodes.length > 0 && lately().every(isSlower) ? true : undefined);
  const { seen } = await watchFor(look, context, { intervalMs, timeoutMs });
  const told = lately().map((ms, index) => `p90 ${rounded(before[index])} → ${rounded(ms)} on ${nodes[index] ?? ''}`);
  return {
    source: 'prober',
    saw: seen ? 'effect' : 'no-effect',
    text: `lane ${lane}: ${told.join(', ') || 'no node has a prober'}`,
  };
}

function rounded(ms: number | undefined): string {
  if (ms === undefined) return 'too few samples';
  return Number.isFinite(ms) ? `${Number(ms.toFixed(1))} ms` : 'failed';
}
