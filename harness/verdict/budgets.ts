import { quantile } from '../core/quantile.ts';
import type { PlannedBudget } from '../plan/plan.ts';
import { availabilityOf, count } from './availability.ts';
import type { Evidence } from './evidence.ts';
import { roundMs, roundMsOrNull, roundShare } from './format.ts';
import { successMs } from './latency.ts';
import { longestMs, outages } from './outage.ts';
import { recovery } from './recovery.ts';
import type { BudgetResult } from './result.ts';
import { dueBetween, lostIn } from './series.ts';

/**
 * Every budget twice: as measured, and as if every missing sample had been the worst that it could be. Missed as measured
 * is `fail`; kept only because samples are missing is `inconclusive`. No data is not good news.
 */
export function judgeBudgets(evidence: Evidence): readonly BudgetResult[] {
  return [...evidence.plan.budgets.map((budget) => judgeBudget(budget, evidence)), judgeRecoveryBudget(evidence)];
}

/** The most samples that any budget of a lane asks for. */
function minSamplesOf(lane: string, budgets: readonly PlannedBudget[]): number {
  return Math.max(
    0,
    ...budgets.map((budget) => (budget.kind === 'availability' && budget.lane === lane ? budget.minSamples : 0)),
  );
}

function judgeBudget(budget: PlannedBudget, evidence: Evidence): BudgetResult {
  const { fromMs, toMs } = evidence.window;
  const series = evidence.series(budget.lane);
  const samples = series.flatMap((one) => dueBetween(one.samples, fromMs, toMs));
  const lost = series.reduce((sum, one) => sum + lostIn(one, fromMs, toMs).length, 0);
  const counts = count(samples);
  const common = {
    lane: budget.lane,
    samples: counts.samples,
    minSamples: minSamplesOf(budget.lane, evidence.plan.budgets),
  };
  switch (budget.kind) {
    case 'availability': {
      const worst = availabilityOf(counts.samples + lost, counts.failures + lost);
      const verdict = decide(counts.availability, worst, (value) => value >= budget.atLeast);
      const measured = roundShare(counts.availability);
      return { ...common, budget: 'availability', unit: 'ratio', measured, limit: budget.atLeast, verdict };
    }
    case 'latency': {
      const values = successMs(samples);
      const unknown = Array.from({ length: lost }, () => Number.POSITIVE_INFINITY);
      const measured = quantile(values, budget.quantile) ?? null;
      const worst = quantile([...values, ...unknown], budget.quantile) ?? null;
      const verdict = decide(measured, worst, (value) => value <= budget.atMostMs);
      const name = `latency-p${roundMs(budget.quantile * 100)}`;
      return {
        ...common,
        budget: name,
        unit: 'ms',
        measured: roundMsOrNull(measured),
        limit: budget.atMostMs,
        verdict,
      };
    }
    case 'longest-outage': {
      const longest = (lostFail: boolean): number | null =>
        samples.length === 0 ? null : Math.max(...series.map((one) => longestMs(outages(one, fromMs, toMs, lostFail))));
      const measured = longest(false);
      const verdict = decide(measured, longest(true), (value) => value <= budget.atMostMs);
      const limit = budget.atMostMs;
      return { ...common, budget: 'longest-outage', unit: 'ms', measured: roundMsOrNull(measured), limit, verdict };
    }
  }
}

function judgeRecoveryBudget(evidence: Evidence): BudgetResult {
  const { timeToRecoverMs, verdict } = recovery(evidence);
  const { lanes, atMostMs } = evidence.plan.recovery;
  return {
    lane: lanes.join('+'),
    budget: 'time-to-recover',
    unit: 'ms',
    measured: roundMsOrNull(timeToRecoverMs),
    limit: atMostMs,
    verdict,
    samples: 0,
    minSamples: 0,
  };
}

function decide(
  measured: number | null,
  worst: number | null,
  isKept: (value: number) => boolean,
): BudgetResult['verdict'] {
  if (measured === null || worst === null) return 'inconclusive';
  if (!isKept(measured)) return 'fail';
  return isKept(worst) ? 'pass' : 'inconclusive';
}
