import { BlackstartError } from '../core/errors.ts';
import type { TargetConfirmation } from '../core/events.ts';
import { isOutside, sourceOf } from './confirm/observation.ts';
import type { FaultOutcome } from './fault.ts';

/**
 * Checks what a definition returns; throws `internal` with every breach of the rules: each target is judged exactly
 * once, and `confirmed` rests on two sources of which one is the prober or lies outside the cluster.
 */
export function checkOutcome(fault: string, targets: readonly string[], outcome: FaultOutcome): void {
  const breaches = [
    ...checkTargets(targets, outcome),
    ...outcome.targets.flatMap(checkEvidence),
    ...checkKills(outcome),
  ];
  if (breaches.length === 0) return;
  throw new BlackstartError('internal', `The outcome of fault ${fault} breaks the rules: ${breaches.join('; ')}`);
}

function checkTargets(targets: readonly string[], outcome: FaultOutcome): readonly string[] {
  const judged = outcome.targets.map((target) => target.name);
  return [
    ...targets.flatMap((name) => {
      const times = judged.filter((other) => other === name).length;
      return times === 1 ? [] : [`${name} was judged ${times} times`];
    }),
    ...judged.filter((name) => !targets.includes(name)).map((name) => `${name} was judged but is no target`),
  ];
}

function checkEvidence({ name, confirmation, evidence }: TargetConfirmation): readonly string[] {
  if (evidence.length === 0) return [`${name} has no evidence`];
  if (confirmation !== 'confirmed') return [];
  const sources = new Set(evidence.map(sourceOf).filter((source) => source !== undefined));
  return [
    ...(sources.size < 2 ? [`${name} is confirmed by fewer than two sources`] : []),
    ...([...sources].some(isOutside)
      ? []
      : [`${name} is confirmed without the prober and without a look from outside`]),
  ];
}

function checkKills({ kills }: FaultOutcome): readonly string[] {
  return kills === null || (Number.isInteger(kills) && kills >= 0) ? [] : [`${kills} is no number of kills`];
}
