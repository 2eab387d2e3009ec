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

/** What came before the injection is compared over so long. */
const beforeMs = 10_000;
const quantile = 0.9;
/** Less may be chance. */
const times = 2;
const intervalMs = 500;

/** Looks whether successful samples of a lane take at least twice as long as in the 10 s before the injection. */
export async function laneSlower(
  { lane, nodes, sinceMs, timeoutMs }: LaneSlower,
  context: FaultContext,
): Promise<Observation> {
  const { observations } = context;
  const before = nodes.map((node) => observations.latencyMs(lane, node, quantile, sinceMs - beforeMs, sinceMs));
  const after = (): readonly (number | undefined)[] =>
    nodes.map((node) => observations.latencyMs(lane, node, quantile, sinceMs, Infinity));
  const look = (): true | undefined =>
    nodes.length > 0 && after().every((ms, index) => (ms ?? 0) >= times * (before[index] ?? Infinity))
      ? true
      : undefined;
  const { seen } = await watchFor(look, context, { intervalMs, timeoutMs });
  const told = after().map((ms, index) => `p90 ${rounded(before[index])} → ${rounded(ms)} on ${nodes[index] ?? ''}`);
  return {
    source: 'prober',
    saw: seen ? 'effect' : 'no-effect',
    text: `lane ${lane}: ${told.join(', ') || 'no node has a prober'}`,
  };
}

function rounded(ms: number | undefined): string {
  return ms === undefined ? 'no sample' : `${Number(ms.toFixed(1))} ms`;
}
