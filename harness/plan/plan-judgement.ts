import { toMs, type ScaledDuration } from '../core/duration.ts';
import type { BudgetSpec, ExpectationSpec, ExperimentDefinition } from '../experiment/spec.ts';
import type { PlannedBudget, PlannedExpectation } from './plan.ts';

export function planBudgets(budgets: ExperimentDefinition['budgets']): readonly PlannedBudget[] {
  return Object.entries(budgets).flatMap(([lane, list]) => list.map((budget) => planBudget(lane, budget)));
}

function planBudget(lane: string, budget: BudgetSpec): PlannedBudget {
  switch (budget.kind) {
    case 'availability':
      return { kind: budget.kind, lane, atLeast: budget.atLeast, minSamples: budget.minSamples };
    case 'latency':
      return { kind: budget.kind, lane, quantile: budget.quantile, atMostMs: toMs(budget.atMost) };
    case 'longest-outage':
      return { kind: budget.kind, lane, atMostMs: toMs(budget.atMost) };
  }
}

/** `wallMs` turns a hold into wall milliseconds; the lanes were checked, so an expiry always has a hold. */
export function planExpectations(
  expectations: readonly ExpectationSpec[],
  wallMs: (hold: ScaledDuration) => number,
  lanes: ExperimentDefinition['lanes'],
): readonly PlannedExpectation[] {
  return expectations.map((expectation) => {
    if (expectation.kind === 'locks-out') {
      const { kind, lane, atLeast, otherwise } = expectation;
      return { kind, lane, atLeastMs: toMs(atLeast), otherwise };
    }
    if (expectation.kind === 'alarms' || expectation.kind === 'stays-quiet') {
      const { atLeast, p99, over } = expectation.rule;
      return { ...expectation, rule: { atLeast, p99Ms: toMs(p99), overMs: toMs(over) } };
    }
    if (expectation.kind !== 'breaks-at-expiry') return expectation;
    const { kind, lane, within, hop, share, otherwise } = expectation;
    const spec = lanes[lane];
    const holdMs = spec?.kind === 'node-dns-cache' ? wallMs(spec.hold) : 0;
    return { kind, lane, holdMs, withinMs: toMs(within), hop, share, otherwise };
  });
}
