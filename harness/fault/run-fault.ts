import { BlackstartError } from '../core/errors.ts';
import type { PlannedInject } from '../plan/plan.ts';
import { faultFor } from './catalog.ts';
import { checkOutcome } from './check-outcome.ts';
import type { FaultContext, FaultOutcome } from './fault.ts';
import { emptySelection, injectingSinceMs, recallIfAny, remember } from './memory.ts';
import { noop } from './noop.ts';

/**
 * Carries one inject step out: targets → inject (nothing when sabotaged) → confirm → settle, with an event after each.
 * Without targets nothing is injected. Rejects when a step fails, with `interrupted` when the signal is aborted, and
 * with `internal` when a definition does not keep its word about what it judged.
 */
export async function runFault(step: PlannedInject, context: FaultContext): Promise<FaultOutcome> {
  const { emit, signal } = context;
  const fault = faultFor(step.fault);
  const targets = await fault.targets(context);
  if (signal.aborted) throw new BlackstartError('interrupted', `Interrupted before fault ${step.name}`);
  emit({ type: 'fault-started', fault: step.name, sabotaged: step.sabotaged, targets });
  if (targets.length === 0) {
    const outcome = selectedNothing(step, context);
    emit({ type: 'fault-confirmed', fault: step.name, ...outcome });
    return outcome;
  }
  remember(context, injectingSinceMs, context.nowMs());
  await (step.sabotaged ? noop : fault).inject(context);
  emit({ type: 'fault-injected', fault: step.name });
  const outcome = await fault.confirm(context);
  checkOutcome(step.name, targets, outcome);
  emit({ type: 'fault-confirmed', fault: step.name, ...outcome });
  await fault.settle(context);
  return outcome;
}

function selectedNothing(step: PlannedInject, context: FaultContext): FaultOutcome {
  const found = recallIfAny(context, emptySelection);
  const name = found?.selector ?? step.description.targets;
  const evidence = [`selected nothing: ${found?.why ?? `there is no such target: ${step.description.targets}`}`];
  return { kills: 0, targets: [{ name, confirmation: 'unconfirmed', evidence }] };
}
