import { isCrowdedOut } from '../core/sample.ts';
import { watchFor } from '../fault/confirm/watch.ts';
import { operatorNode } from '../plan/plan.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import type { RungContext } from './context.ts';

/** Fewer calls without an answer in time, or with a 429, may be bad luck; the judge asks for as many. */
const leastFailures = 5;
/** Where calls under way need not end: as long as five of them take to begin, and one more. */
const controlMs = 6_500;
/** An earlier rung may have emptied the queue; it takes seconds to fill again. */
const timeoutMs = 75_000;

/**
 * Waits, and does nothing, until the normal admin is seen locked out by calls that began since: the control of this rung.
 * Where the rung disturbs the load, those calls must have ended; elsewhere it is enough that they are under way, and the
 * judge looks at how they ended. False when the admin got through again and again.
 */
export async function confirmLockOut(step: PlannedAttempt, context: RungContext): Promise<boolean> {
  const { emit, nowMs, observations } = context;
  let fromMs = nowMs();
  const look = (): number | undefined => {
    const ended = observations.samplesSince(step.lane, operatorNode, fromMs);
    const success = ended.findLast(({ ok }) => ok);
    if (success) {
      fromMs = Math.max(fromMs, success.startMs + 1);
      return undefined;
    }
    const last = ended.at(-1);
    if (ended.filter(isCrowdedOut).length >= leastFailures && last) return last.startMs + 1;
    const isLongEnough = !step.disturbs && nowMs() - fromMs >= controlMs;
    return isLongEnough && failingNow(step, context, fromMs) ? nowMs() : undefined;
  };
  const { seen: toMs } = await watchFor(look, context, { intervalMs: 250, timeoutMs });
  if (toMs === undefined) return false;
  emit({ type: 'rung-control', attempt: step.name, lane: step.lane, fromMs, toMs });
  return true;
}

/** The calls that ended since then, whenever they began, failed. */
function failingNow(step: PlannedAttempt, { observations }: RungContext, fromMs: number): boolean {
  const ended = observations
    .samplesSince(step.lane, operatorNode, fromMs - 2 * 10_000)
    .filter(({ endMs }) => endMs >= fromMs);
  return ended.filter(isCrowdedOut).length >= leastFailures && ended.every(({ ok }) => !ok);
}
