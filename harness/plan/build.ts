import { scaledToMs, toMs } from '../core/duration.ts';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { Experiment } from '../experiment/define.ts';
import type { Settings } from '../experiment/parameter.ts';
import type { ExperimentDefinition } from '../experiment/spec.ts';
import { validateDefinition } from '../experiment/validate.ts';
import { deepFreeze } from './freeze.ts';
import type { FaultDescriber, Plan, PlannedService } from './plan.ts';
import { planBudgets, planExpectations } from './plan-judgement.ts';
import { phaseLimits } from './phase-limits.ts';
import { longestHoldMs, planLanes } from './plan-lanes.ts';
import { planMethod } from './plan-method.ts';
import { maxCaches } from './ports.ts';

export interface PlanInputs {
  /** The experiment's own name: that of its file. */
  readonly name: string;
  readonly experiment: Experiment;
  /** From `parseSettings`: a value for every declared parameter. */
  readonly settings: Settings;
  readonly backend: string;
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Incident time divided by wall time; above 0. */
  readonly timeScale: number;
  readonly service: PlannedService;
  /** Names of the faults that become no-ops, or `all` of them. */
  readonly sabotage: readonly string[] | 'all';
  readonly describeFault: FaultDescriber;
}

/**
 * Everything that will happen, decided before anything does; the same inputs give the same plan. Frozen all through.
 * Throws `invalid-experiment` with all problems of the experiment, `usage` for a bad seed, time scale or sabotage.
 */
export function buildPlan(inputs: PlanInputs): Plan {
  checkNumbers(inputs);
  const { name, experiment, settings, timeScale } = inputs;
  const definition = define(name, experiment, settings);
  validateDefinition(name, definition, { timeScale, maxCaches });
  const { workers = 2, coreDns = 'workers', telemetry = null } = definition.cluster;
  const lanes = planLanes(definition.lanes, timeScale);
  const paced = {
    lanes,
    steadyState: { healthyForMs: longestHoldMs(lanes) + toMs(definition.steadyState.beyondHold) },
    method: planMethod(definition, inputs),
    recovery: {
      lanes: definition.recovery.lanes,
      atMostMs: toMs(definition.recovery.atMost),
      healthyForMs: toMs(definition.recovery.healthyFor),
    },
  };
  const plan: Plan = {
    schemaVersion: 1,
    experiment: name,
    title: experiment.title,
    hypothesis: experiment.hypothesis,
    backend: inputs.backend,
    seed: inputs.seed,
    timeScale,
    parameters: textsOf(experiment, settings),
    cluster: { workers, coreDns, telemetry },
    service: inputs.service,
    ...paced,
    limitsMs: phaseLimits(paced),
    budgets: planBudgets(definition.budgets),
    expectations: planExpectations(definition.expectations, (hold) => scaledToMs(hold, timeScale), definition.lanes),
  };
  return deepFreeze(structuredClone(plan));
}

function checkNumbers({ seed, timeScale }: PlanInputs): void {
  if (!Number.isFinite(timeScale) || timeScale <= 0) {
    throw new BlackstartError('usage', `time scale ${timeScale} is impossible: it is a number above 0`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new BlackstartError('usage', `seed ${seed} is impossible: it is a whole number below 2^32`);
  }
}

function define(name: string, experiment: Experiment, settings: Settings): ExperimentDefinition {
  try {
    return experiment.define(settings);
  } catch (error) {
    const details = { cause: error, ...(error instanceof BlackstartError && error.hint ? { hint: error.hint } : {}) };
    throw new BlackstartError('invalid-experiment', `experiment '${name}': define: ${messageOf(error)}`, details);
  }
}

function textsOf({ parameters }: Experiment, settings: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, parameter.format(settings[name])]),
  );
}
