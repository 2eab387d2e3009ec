import { toMs } from '../core/duration.ts';
import type { PlannedExpectation } from '../plan/plan.ts';
import { agentCountersAt, loadWindow, polledRollout } from './agent-load.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatCount } from './format.ts';

/**
 * The load was there, as the agents counted it themselves: they sent this share of what their configuration says, or at
 * least so many of them wait for an answer. They have one request under way each, so an API server that does not answer
 * keeps them from sending.
 */
export function underLoad(
  { share }: Extract<PlannedExpectation, { kind: 'under-load' }>,
  { plan, events }: Pick<Evidence, 'plan' | 'events'>,
): Finding {
  const rollout = polledRollout(plan);
  const window = rollout && loadWindow(rollout, events);
  if (!rollout || !window) return { outcome: 'unknown', measured: 'the log ends before all agents were at work' };
  const { mode, nodes, interval } = rollout.agent;
  const before = agentCountersAt(window.fromMs, mode, events);
  const after = agentCountersAt(window.toMs, mode, events);
  if (!before || !after) return { outcome: 'unknown', measured: 'the agents told nothing' };
  const sent = after.requests - before.requests;
  const wanted = Math.round((nodes * (window.toMs - window.fromMs)) / toMs(interval));
  const isThere = sent >= share * wanted || after.inFlight >= share * nodes;
  const measured = `${formatCount(sent, 'request')} of ${wanted} sent, ${after.inFlight} under way at the end`;
  return { outcome: isThere ? 'met' : 'not-met', measured };
}
