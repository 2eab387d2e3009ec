import { isDuration, toMs } from '../core/duration.ts';
import type { FaultSpec } from '../experiment/spec.ts';
import { attemptsMs } from './attempt-time.ts';
import { longestWaitMs } from './estimate.ts';
import type { PhaseLimits, Plan, PlannedStep } from './plan.ts';

/** Wall time an undo that needs the API is tried again before it is given up. */
export const apiUndoDeadlineMs = 90_000;

/** The cluster, which `kind create` gets 15 minutes for, then Chaos Mesh and what runs in the cluster. */
const prepareMs = 30 * 60_000;
/** How much longer than the healthy time itself the steady state is waited for. */
const steadyStatePatienceMs = 60_000;
/** More than all waits of the most patient fault together (a container-kill, 250 s): its own reason tells more. */
const faultMs = 300_000;
/** Beyond what the steps of a phase take. */
const slackMs = 30_000;
/** Undos on the nodes: 0.1 s each, several times that on a busy machine, and tried again for 20 s. */
const healMs = 120_000;
/** Wall time for the API server to come back; kubeadm's own startup probe gives it 4 minutes, idle machines need 3 s. */
const apiBackMs = 120_000;
/** Undos, 2 minutes for a cluster to be deleted, and the comparison with the state before. */
const teardownMs = 10 * 60_000;

/** How long each phase may take, in whole seconds; from the rest of the plan. */
export function phaseLimits(plan: Pick<Plan, 'lanes' | 'steadyState' | 'method' | 'recovery'>): PhaseLimits {
  const { lanes, steadyState, recovery } = plan;
  const { toInject, toObserve } = stepsByPhase(plan);
  const stepsMs = (steps: readonly PlannedStep[]): number =>
    steps.reduce((sum, step) => sum + stepMs(step, lanes), slackMs) + attemptsMs(steps).mostMs;
  return {
    prepare: prepareMs,
    'steady-state': wholeSeconds(steadyState.healthyForMs + steadyStatePatienceMs),
    inject: wholeSeconds(stepsMs(toInject)),
    observe: wholeSeconds(stepsMs(toObserve)),
    heal: healMs,
    recover: wholeSeconds(apiUndoDeadlineMs + apiBackMs + recovery.atMostMs + recovery.healthyForMs),
    teardown: teardownMs,
  };
}

/** The phase `inject` ends where the first observation or attempt begins; what comes after that is part of `observe`. */
export function stepsByPhase({ method }: Pick<Plan, 'method'>): {
  readonly toInject: readonly PlannedStep[];
  readonly toObserve: readonly PlannedStep[];
} {
  const firstObserve = method.findIndex(({ kind }) => kind === 'observe' || kind === 'attempt');
  const split = firstObserve < 0 ? method.length : firstObserve;
  return { toInject: method.slice(0, split), toObserve: method.slice(split) };
}

function stepMs(step: PlannedStep, lanes: Plan['lanes']): number {
  if (step.kind === 'observe') return step.forMs;
  if (step.kind === 'operate') return step.timeoutMs;
  // All of them together.
  if (step.kind === 'attempt') return 0;
  return longestWaitMs(step, lanes) + faultMs + durationMs(step.fault);
}

/** A pod-failure with a duration is waited for. */
function durationMs(fault: FaultSpec): number {
  if (fault.kind === 'pod-chaos') return fault.duration === null ? 0 : toMs(fault.duration);
  if (fault.kind !== 'pod-chaos-file') return 0;
  const document = fault.file.document as { readonly spec?: { readonly duration?: unknown } } | null;
  const duration = document?.spec?.duration;
  return typeof duration === 'string' && isDuration(duration) ? toMs(duration) : 0;
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000) * 1_000;
}
