import { nameOf } from '../fault/confirm/target-container.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import { runningAgents } from './agents.ts';
import type { RungContext } from './context.ts';

const lookEveryMs = 2_000;

/**
 * Looks at the nodes for agents, for as long as none may send a request. What the agents count themselves stands in the
 * event log anyhow; both together are what the judge believes.
 */
export async function watchQuiet(step: PlannedAttempt, context: RungContext): Promise<void> {
  const { cluster, clock, signal, nowMs, emit } = context;
  const fromMs = nowMs();
  const running = new Set<string>();
  let looks = 0;
  let failedLooks = 0;
  while (nowMs() < fromMs + step.quietMs) {
    looks++;
    try {
      for (const one of await runningAgents(cluster)) running.add(nameOf(one));
    } catch {
      failedLooks++;
    }
    await clock.sleep(lookEveryMs, signal);
  }
  const times = { fromMs: Math.round(fromMs), toMs: Math.round(nowMs()) };
  emit({ type: 'rung-quiet', attempt: step.name, ...times, looks, failedLooks, running: [...running] });
}
