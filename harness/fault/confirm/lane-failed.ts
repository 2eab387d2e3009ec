import type { FaultContext } from '../fault.ts';
import type { Observation } from './observation.ts';
import { watchFor } from './watch.ts';

export interface LaneFailure {
  readonly lane: string;
  /** Which failures the fault must show, for example `connect:refused`. */
  readonly outcomes: RegExp;
  /** On all of these nodes, or on one of them. */
  readonly nodes: readonly string[];
  readonly on: 'every' | 'some';
  /** True: and nothing succeeds any more. */
  readonly forGood: boolean;
  readonly sinceMs: number;
  readonly timeoutMs: number;
}

/**
 * "The last second", plus the half second by which reads of the prober lag behind; and where a hanging server leaves that
 * empty, the 2 s of a probe's deadline more, because samples are told in order and wait for those that have no answer yet.
 */
const windowsMs = [1_500, 3_500] as const;
const intervalMs = 250;

/** Looks for failures of one lane in the samples that the probers took since the injection. */
export async function laneFailed(failure: LaneFailure, context: FaultContext): Promise<Observation> {
  const { nodes, on, timeoutMs, lane } = failure;
  const look = (): true | undefined => {
    const failing = nodes.filter((node) => failsOn(node, failure, context));
    const enough = on === 'every' ? failing.length === nodes.length : failing.length > 0;
    return nodes.length > 0 && enough ? true : undefined;
  };
  const { seen } = await watchFor(look, context, { intervalMs, timeoutMs });
  const told = nodes.map((node) => `${counted(seenOn(node, failure, context))} on ${node}`).join(', ');
  return {
    source: 'prober',
    saw: seen ? 'effect' : 'no-effect',
    text: `lane ${lane}: ${told || 'no node has a prober'}`,
  };
}

function failsOn(node: string, failure: LaneFailure, context: FaultContext): boolean {
  const fails = [...seenOn(node, failure, context).keys()].some((outcome) => failure.outcomes.test(outcome));
  if (!fails || !failure.forGood) return fails;
  for (const windowMs of windowsMs) {
    const recentSinceMs = context.nowMs() - windowMs;
    if (recentSinceMs < failure.sinceMs) return false;
    const recent = context.observations.outcomes(failure.lane, node, recentSinceMs);
    if (recent.size > 0) return !recent.has('ok');
  }
  return false;
}

function seenOn(node: string, { lane, sinceMs }: LaneFailure, context: FaultContext): ReadonlyMap<string, number> {
  return context.observations.outcomes(lane, node, sinceMs);
}

/** `42 × connect:refused, 3 × ok`, the most frequent first. */
function counted(outcomes: ReadonlyMap<string, number>): string {
  if (outcomes.size === 0) return 'no sample';
  const sorted = [...outcomes].toSorted(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b));
  return sorted.map(([outcome, count]) => `${count} × ${outcome}`).join(', ');
}
