import type { Confirmation, RunEvent } from '../core/events.ts';
import type { PlannedInject } from '../plan/plan.ts';
import { roundMsOrNull } from './format.ts';
import type { FaultResult } from './result.ts';
import type { Evidence } from './evidence.ts';

type Confirmed = Extract<RunEvent, { type: 'fault-confirmed' }>;

/** Every fault of the plan, in the method's order, with what is known of its targets. */
export function judgeFaults({ plan, events }: Pick<Evidence, 'plan' | 'events'>): readonly FaultResult[] {
  return plan.method.filter((step) => step.kind === 'inject').map((step) => judgeFault(step, events));
}

function judgeFault(step: PlannedInject, events: readonly RunEvent[]): FaultResult {
  const own = events.filter((event) => 'fault' in event && event.fault === step.name);
  const started = own.find((event) => event.type === 'fault-started');
  const confirmed = own.find((event) => event.type === 'fault-confirmed');
  const targets = targetsOf(started?.targets ?? [], confirmed);
  return {
    name: step.name,
    kind: step.fault.kind,
    confirmation: worst(targets.map((target) => target.confirmation)),
    kills: confirmed?.kills ?? null,
    startedMs: roundMsOrNull(started?.monotonicMs ?? null),
    confirmedMs: roundMsOrNull(confirmed?.monotonicMs ?? null),
    targets,
  };
}

/** A target that nobody said anything about is unconfirmed. */
function targetsOf(names: readonly string[], confirmed: Confirmed | undefined): FaultResult['targets'] {
  const judged = confirmed?.targets ?? [];
  const forgotten = names.filter((name) => !judged.some((target) => target.name === name));
  return [
    ...judged,
    ...forgotten.map((name) => ({ name, confirmation: 'unconfirmed' as const, evidence: ['nothing was observed'] })),
  ];
}

function worst(confirmations: readonly Confirmation[]): Confirmation {
  if (confirmations.includes('mismatch')) return 'mismatch';
  return confirmations.length > 0 && confirmations.every((one) => one === 'confirmed') ? 'confirmed' : 'unconfirmed';
}
