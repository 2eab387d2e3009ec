import { attemptsMs } from './attempt-time.ts';
import type { Plan, PlannedLane, PlannedStep } from './plan.ts';

/** Wall time from the first probe to the end of recovery, without bring-up and without confirmation of the faults. */
export interface Estimate {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** From the phases' own times: at best nothing has to be waited for, at worst every wait takes all the time it may. */
export function estimateDuration(plan: Plan): Estimate {
  const { steadyState, method, recovery, lanes, limitsMs } = plan;
  const observedMs = sum(method.map((step) => (step.kind === 'observe' ? step.forMs : 0)));
  const operatedMs = sum(method.map((step) => (step.kind === 'operate' ? step.timeoutMs : 0)));
  const attempts = attemptsMs(method);
  const waitsMs = sum(method.map((step) => longestWaitMs(step, lanes)));
  return {
    leastMs: steadyState.healthyForMs + observedMs + attempts.typicalMs + recovery.healthyForMs,
    mostMs:
      limitsMs['steady-state'] +
      waitsMs +
      observedMs +
      operatedMs +
      attempts.mostMs +
      recovery.atMostMs +
      recovery.healthyForMs,
  };
}

/** The longest that a step may have to wait for the age of a cached entry. */
export function longestWaitMs(step: PlannedStep, lanes: readonly PlannedLane[]): number {
  if (step.kind !== 'inject' || step.when === null) return 0;
  const { lane: name, from, offsetMs } = step.when;
  const probe = lanes.find((lane) => lane.name === name)?.probe;
  const holdMs = probe?.kind === 'node-dns-cache' ? probe.holdMs : 0;
  // A refresh comes at the latest after one hold; an expiry is at most one hold away.
  return from === 'refresh' || offsetMs > 0 ? holdMs + offsetMs : holdMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
