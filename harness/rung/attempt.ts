import { messageOf } from '../core/errors.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import { wayFor } from './catalog.ts';
import type { RungContext } from './context.ts';
import { credentialOf } from './credential.ts';
import { bringLoad } from './load.ts';
import { confirmLockOut } from './lock-out.ts';
import { measurePromises } from './promise.ts';
import { openScope } from './scope.ts';
import { WayFailure } from './way-failure.ts';

/**
 * Tries one rung: the load is there and the normal admin is locked out, then the rung is climbed, its promises are
 * measured, and what it changed is taken back. False when it could not be tried: what comes after it could not either.
 */
export async function attempt(step: PlannedAttempt, context: RungContext): Promise<boolean> {
  const { emit, cluster } = context;
  const { name } = step;
  const way = wayFor(step.rung.way);
  emit({ type: 'rung-started', attempt: name, credential: await credentialOf(step.rung.way, cluster) });
  const notTried = (outcome: 'cannot' | 'no-load' | 'not-locked-out', message: string): void =>
    emit({ type: 'rung-ended', attempt: name, outcome, fromMs: null, message });
  const lacking = way.cannot(context);
  if (lacking !== undefined) {
    notTried('cannot', lacking);
    return true;
  }
  const noLoad = await bringLoad(step, context);
  if (noLoad !== undefined) {
    notTried('no-load', noLoad);
    return false;
  }
  if (!(await confirmLockOut(step, context))) {
    notTried('not-locked-out', `lane ${step.lane} was not kept out by the crowd: the normal path is not seen down`);
    return false;
  }
  await climb(step, context);
  return true;
}

/**
 * Tells of every attempt, before anything is injected, that it cannot be done here. True when that is so for all of them:
 * then there is nothing to break anything for.
 */
export async function refuseAll(steps: readonly PlannedAttempt[], context: RungContext): Promise<boolean> {
  const lacking = steps.map((step) => wayFor(step.rung.way).cannot(context));
  if (steps.length === 0 || lacking.includes(undefined)) return false;
  for (const [index, { name, rung }] of steps.entries()) {
    const credential = await credentialOf(rung.way, context.cluster);
    context.emit({ type: 'rung-started', attempt: name, credential });
    context.emit({ type: 'rung-ended', attempt: name, outcome: 'cannot', fromMs: null, message: lacking[index] ?? '' });
  }
  return true;
}

async function climb(step: PlannedAttempt, context: RungContext): Promise<void> {
  const scope = openScope(step, context);
  let outcome: 'tried' | 'trouble' = 'tried';
  let message = '';
  try {
    const door = await wayFor(step.rung.way).climb(scope, context);
    await measurePromises(door, scope, context);
  } catch (problem) {
    // An interruption: the heal takes back what was changed.
    if (context.signal.aborted) throw problem;
    if (!(problem instanceof WayFailure)) outcome = 'trouble';
    message = messageOf(problem);
  }
  const fromMs = Math.round(scope.fromMs);
  context.emit({ type: 'rung-ended', attempt: step.name, outcome, fromMs, message });
  await scope.close();
}
