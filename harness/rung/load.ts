import { messageOf } from '../core/errors.ts';
import type { LoadReport } from '../core/rung-events.ts';
import { watchFor } from '../fault/confirm/watch.ts';
import { agentsRef, configOf, restoreChange } from '../fault/telemetry/rollout-change.ts';
import { agentConfig } from '../plan/agent-config.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import type { RungContext } from './context.ts';

/** New pods take seconds, and a request waits up to 15 s in its queue before it is refused. */
const timeoutMs = 90_000;
/** On every node; one or two answers may be what is left of an earlier load. */
const leastAnswers = 20;

/**
 * Sees to it that the agents of this attempt's load are there and send requests: the DaemonSet is applied (again) as
 * break-glass where it is not, and the agents' own counters of answers (200 and 429) must grow by 20 on every node.
 * Gives why not; undefined when all is well.
 */
export async function bringLoad(step: PlannedAttempt, context: RungContext): Promise<string | undefined> {
  const { cluster, emit, memory, observations, perform, nowMs } = context;
  const config = agentConfig(step.load, observations.nodes.length);
  const found = await cluster.api.get(agentsRef);
  if (found) memory.agents = found;
  const isThere = configOf(found) === config;
  if (!isThere) {
    if (!memory.agents) return 'there is no telemetry agent in the cluster';
    try {
      await perform(restoreChange(cluster, memory.agents, step.name, config));
    } catch (problem) {
      return `the agents could not be applied: ${messageOf(problem)}`;
    }
  }
  const sinceMs = nowMs();
  let before: readonly LoadReport[] = [];
  const look = (): readonly LoadReport[] | undefined => {
    const now = fresh(step, context, sinceMs);
    if (now === undefined) return undefined;
    // Another pod counts anew.
    if (now.some(({ pod }) => !before.some((one) => one.pod === pod))) before = now;
    const more = now.map((one) => answered(one) - answered(before.find(({ pod }) => pod === one.pod)));
    return more.every((count) => count >= leastAnswers) ? now : undefined;
  };
  const { seen } = await watchFor(look, context, { intervalMs: 250, timeoutMs });
  if (seen === undefined)
    return `agents got fewer than ${leastAnswers} answers, or refusals, on a node in ${timeoutMs / 1_000} s`;
  emit({ type: 'rung-load', attempt: step.name, applied: !isThere, before, after: seen });
  return undefined;
}

/** What the agents of this load told last, one for every node; undefined while one is missing. */
function fresh(step: PlannedAttempt, context: RungContext, sinceMs: number): readonly LoadReport[] | undefined {
  const { nodes, reports } = {
    nodes: context.observations.nodes,
    reports: (node: string) => context.observations.reports(node),
  };
  const share = Math.ceil(step.load.nodes / nodes.length);
  const told = nodes.flatMap((node) => {
    const ofLoad = reports(node).filter(
      (one) => one.atMs >= sinceMs && one.mode === step.load.mode && one.nodes === share,
    );
    const [latest] = ofLoad.toSorted((a, b) => b.atMs - a.atMs);
    if (!latest) return [];
    const { pod, requests, ok, refused } = latest;
    return [{ node, pod, nodes: share, requests, ok, refused }];
  });
  return told.length === nodes.length && nodes.length > 0 ? told : undefined;
}

function answered(report: LoadReport | undefined): number {
  return report ? report.ok + report.refused : Number.POSITIVE_INFINITY;
}
