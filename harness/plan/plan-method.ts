import { scaledToMs, toMs } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import { didYouMean } from '../experiment/nearest.ts';
import type { ExperimentDefinition, StepSpec } from '../experiment/spec.ts';
import type { FaultDescriber, PlannedStep } from './plan.ts';
import { planAttempt } from './planned-attempt.ts';

interface MethodInputs {
  readonly timeScale: number;
  readonly sabotage: readonly string[] | 'all';
  readonly describeFault: FaultDescriber;
}

/** Throws `usage` when a fault to sabotage is not in the method. */
export function planMethod(
  { method, lanes }: Pick<ExperimentDefinition, 'method' | 'lanes'>,
  inputs: MethodInputs,
): readonly PlannedStep[] {
  const { timeScale, sabotage, describeFault } = inputs;
  checkSabotage(method, sabotage);
  return method.map((step) => {
    if (step.kind === 'observe') {
      return { kind: 'observe', forMs: scaledToMs(step.time, timeScale), forIncidentMs: toMs(step.time.scaled) };
    }
    if (step.kind === 'operate') {
      const { kind, name, kubectl, credential, timeout } = step;
      return { kind, name, kubectl, credential, timeoutMs: toMs(timeout) };
    }
    if (step.kind === 'attempt') return planAttempt(step, adminPatchLane(lanes));
    const { name, fault, when } = step;
    return {
      kind: 'inject',
      name,
      fault,
      sabotaged: sabotage === 'all' || sabotage.includes(name),
      when: when && { lane: when.lane, from: when.from, offsetMs: toMs(when.offset) },
      description: describeFault(fault),
    };
  });
}

/** The validation has seen that there is one where rungs are tried. */
function adminPatchLane(lanes: ExperimentDefinition['lanes']): string {
  const isIt = (name: string): boolean => {
    const lane = lanes[name];
    return lane?.kind === 'operator' && lane.credential === 'admin' && lane.call === 'patch';
  };
  return Object.keys(lanes).find(isIt) ?? '';
}

function checkSabotage(method: readonly StepSpec[], sabotage: readonly string[] | 'all'): void {
  if (sabotage === 'all') return;
  const names = method.flatMap((step) => (step.kind === 'inject' ? [step.name] : []));
  const unknown = sabotage.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const message = unknown.map((name) => `there is no fault '${name}' to sabotage${didYouMean(name, names)}`).join('\n');
  throw new BlackstartError('usage', message, { hint: `Faults of this method: ${names.join(', ')}.` });
}
