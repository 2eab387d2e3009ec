import { twiceInARow, watchFor } from '../fault/confirm/watch.ts';
import { nameOf } from '../fault/confirm/target-container.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import { objectsLeft } from './agent-objects.ts';
import { runningAgents } from './agents.ts';
import type { RungContext } from './context.ts';

const lookEveryMs = 2_000;
const goneEveryMs = 500;

/** Waits until no agent's container runs, as two looks in a row say; false when that is not so in time. */
export async function agentsGone(overMs: number, context: RungContext): Promise<boolean> {
  const areGone = twiceInARow();
  const look = async (): Promise<true | undefined> =>
    areGone((await runningAgents(context.cluster)).length === 0) ? true : undefined;
  const timeoutMs = Math.max(2 * goneEveryMs, overMs - context.nowMs());
  return (await watchFor(look, context, { intervalMs: goneEveryMs, timeoutMs })).seen === true;
}

/**
 * Looks at the nodes for agents, for as long as none may send a request, and asks the API at the end whether their objects
 * are gone. What the agents count themselves stands in the event log anyhow; all together is what the judge believes.
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
  const objects = await objectsLeft(context);
  emit({ type: 'rung-quiet', attempt: step.name, ...times, looks, failedLooks, running: [...running], objects });
}
