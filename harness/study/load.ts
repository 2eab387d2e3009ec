import { toMs } from '../core/duration.ts';
import type { RunEvent } from '../core/events.ts';
import { quantile } from '../core/quantile.ts';
import type { Plan } from '../plan/plan.ts';
import { agentCountersAt, loadWindow, polledRollout } from '../verdict/agent-load.ts';
import { collectEvidence } from '../verdict/evidence.ts';
import { dueBetween } from '../verdict/series.ts';
import { apiUse } from './api-use.ts';
import { rounded, type Load } from './load-schema.ts';

/** Null for a run without a rollout of agents that poll, or one that ended before all of them were at work. */
export function loadOf(plan: Plan, events: readonly RunEvent[]): Load | null {
  const rollout = polledRollout(plan);
  const { telemetry } = plan.cluster;
  const window = rollout && loadWindow(rollout, events);
  if (!telemetry || !rollout || !window) return null;
  const { agent, name } = rollout;
  const before = agentCountersAt(window.fromMs, agent.mode, events);
  const after = agentCountersAt(window.toMs, agent.mode, events);
  if (!before || !after) return null;
  const windowS = (window.toMs - window.fromMs) / 1_000;
  const askedPerS = (agent.nodes * 1_000) / toMs(agent.interval);
  const ok = after.ok - before.ok;
  const bad = endedBadly(after) - endedBadly(before);
  return {
    nodes: telemetry.fakeNodes,
    objects: telemetry.fakeNodes * telemetry.podsPerNode,
    agents: agent.nodes,
    askedPerS: rounded(askedPerS),
    windowS: rounded(windowS),
    sent: after.requests - before.requests,
    answeredPerS: rounded(ok / windowS),
    refused: ok + bad > 0 ? rounded(bad / (ok + bad)) : 0,
    unanswered: rounded(Math.max(0, 1 - ok / windowS / askedPerS)),
    ...apiUse(events, agent.resource, { ...window, rolloutMs: startOf(name, events) ?? window.fromMs }),
    ...subjectCalls(plan, events, window),
  };
}

function startOf(fault: string, events: readonly RunEvent[]): number | undefined {
  return events.find((event) => event.type === 'fault-started' && event.fault === fault)?.monotonicMs;
}

function endedBadly({ refused, forbidden, failed }: NonNullable<ReturnType<typeof agentCountersAt>>): number {
  return refused + forbidden + failed;
}

function subjectCalls(
  plan: Plan,
  events: readonly RunEvent[],
  { fromMs, toMs: endMs }: NonNullable<ReturnType<typeof loadWindow>>,
): Pick<Load, 'getP99Ms' | 'getFailures' | 'gets'> {
  const { series } = collectEvidence(plan, events);
  const samples = series('subject').flatMap((one) => dueBetween(one.samples, fromMs, endMs));
  const good = samples.filter(({ ok }) => ok).map(({ totalMs }) => totalMs);
  const p99Ms = quantile(good, 0.99);
  return {
    getP99Ms: p99Ms === undefined ? null : rounded(p99Ms),
    getFailures: samples.length - good.length,
    gets: samples.length,
  };
}
