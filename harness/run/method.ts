import { tryRun } from '../core/command.ts';
import type { FaultContext } from '../fault/fault.ts';
import { runFault } from '../fault/run-fault.ts';
import { stepsByPhase } from '../plan/phase-limits.ts';
import { attemptsMs } from '../plan/attempt-time.ts';
import { longestHoldMs } from '../plan/plan-lanes.ts';
import type { PlannedInject, PlannedStep } from '../plan/plan.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import { attempt, refuseAll } from '../rung/attempt.ts';
import type { RungContext, RungMemory } from '../rung/context.ts';
import { waitForAge } from './cache-age.ts';
import { undoOptions } from './heal.ts';
import { operate } from './operate.ts';
import { runPhase } from './phase.ts';
import type { ClusterStage } from './stage.ts';

/** Room for confirmations beside the planned waits, before a timer in the node undoes a fault by itself. */
const slackMs = 180_000;

/**
 * Carries the method out, one step after the other, in two phases. A fault that is not confirmed ends the method: what
 * comes after it could prove nothing. True when all of it was carried out.
 */
export async function carryOutMethod(stage: ClusterStage, store: SampleStore): Promise<boolean> {
  const { toInject, toObserve } = stepsByPhase(stage.plan);
  const memory: RungMemory = {};
  const attempts = stage.plan.method.filter((step) => step.kind === 'attempt');
  if (await refuseAll(attempts, rungContext(stage, store, memory))) return false;
  const carryOut = (steps: readonly PlannedStep[]) => async (limited: ClusterStage) =>
    await carryOutSteps(limited, store, steps, memory);
  if ((await runPhase(stage, 'inject', carryOut(toInject))) !== true) return false;
  return (await runPhase(stage, 'observe', carryOut(toObserve))) === true;
}

async function carryOutSteps(
  stage: ClusterStage,
  store: SampleStore,
  steps: readonly PlannedStep[],
  memory: RungMemory,
): Promise<boolean> {
  for (const step of steps) {
    if (step.kind === 'observe') {
      await stage.clock.sleep(step.forMs, stage.signal);
    } else if (step.kind === 'operate') {
      await operate(stage, step);
    } else if (step.kind === 'attempt') {
      if (await attempt(step, rungContext(stage, store, memory))) continue;
      const message = `Rung ${step.rung.name} could not be tried: the method ends here, everything is undone.`;
      stage.emit({ type: 'note', message });
      return false;
    } else if (!(await injectConfirmed(stage, store, step))) {
      stage.emit({
        type: 'note',
        message: `Fault ${step.name} is not confirmed: the method ends here, everything is undone.`,
      });
      return false;
    }
  }
  return true;
}

async function injectConfirmed(stage: ClusterStage, store: SampleStore, step: PlannedInject): Promise<boolean> {
  if (step.when) await waitForAge(stage, store, step.when);
  const outcome = await runFault(step, contextFor(stage, store, step.name));
  return outcome.targets.length > 0 && outcome.targets.every((target) => target.confirmation === 'confirmed');
}

function plannedStepMs(step: PlannedStep, holdMs: number): number {
  if (step.kind === 'observe') return step.forMs;
  if (step.kind === 'operate') return step.timeoutMs;
  if (step.kind === 'attempt') return attemptsMs([step]).typicalMs;
  return step.when ? 2 * holdMs : 0;
}

function rungContext(stage: ClusterStage, store: SampleStore, memory: RungMemory): RungContext {
  const { cluster, clock, emit, nowMs, signal, changes } = stage;
  return {
    cluster,
    clock,
    emit,
    nowMs,
    signal,
    tryRun,
    perform: changes.inject,
    takeBack: async (change) => await changes.takeBack(change, undoOptions(stage)),
    observations: store,
    memory,
  };
}

function contextFor(stage: ClusterStage, store: SampleStore, name: string): FaultContext {
  const { plan, runId, cluster, clock, random, emit, changes, signal, nowMs } = stage;
  const holdMs = longestHoldMs(plan.lanes);
  const plannedMs = plan.method.reduce((sum, step) => sum + plannedStepMs(step, holdMs), 0);
  return {
    name,
    runId,
    cluster,
    clock,
    random,
    emit,
    perform: changes.inject,
    observations: store,
    signal,
    withinMs: plannedMs + slackMs,
    nowMs,
    memory: new Map(),
  };
}
