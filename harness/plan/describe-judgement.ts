import { formatMs } from '../core/duration.ts';
import { grouped, wrap } from './layout.ts';
import type { PlannedBudget, PlannedExpectation, PlannedRule } from './plan.ts';

/** A row: the lane's name, and the budget. */
export function describeBudget(budget: PlannedBudget): [lane: string, text: string] {
  switch (budget.kind) {
    case 'availability': {
      const enough = `with at least ${grouped(budget.minSamples)} samples`;
      return [budget.lane, `availability at least ${budget.atLeast}, ${enough}`];
    }
    case 'latency': {
      const quantile = `p${Number((budget.quantile * 100).toFixed(6))}`;
      return [budget.lane, `latency ${quantile} at most ${formatMs(budget.atMostMs)}`];
    }
    case 'longest-outage':
      return [budget.lane, `longest outage at most ${formatMs(budget.atMostMs)}`];
  }
}

/** What must be seen, and on a line of its own what it means when it is not. */
export function describeExpectation(expectation: PlannedExpectation): string[] {
  return [
    ...wrap('  - ', `lane ${expectation.lane} ${whatMustBeSeen(expectation)}`, 4),
    ...wrap('    otherwise: ', expectation.otherwise, 6),
  ];
}

function whatMustBeSeen(expectation: PlannedExpectation): string {
  switch (expectation.kind) {
    case 'breaks-at-expiry': {
      const { holdMs, withinMs, hop, share } = expectation;
      const moment = `within ${formatMs(withinMs)} of its own last refresh + ${formatMs(holdMs)}`;
      return `fails on every node at the ${hop} hop ${moment}, and for ${percent(share)} of the time from then to the heal`;
    }
    case 'breaks': {
      const { before, outcome } = expectation;
      const order = before === null ? '' : `, before lane ${before} does on the same node`;
      const seen = outcome === null ? '' : `, with ${outcome} seen on every node`;
      return `fails on every node between the first fault and the heal${order}${seen}`;
    }
    case 'answers-stale':
      return `answers from stale entries for ${percent(expectation.share)} of the time from expiry to the heal`;
    case 'locks-out':
      return `has no success for at least ${formatMs(expectation.atLeastMs)} (5 calls in a row) between the first fault and the heal`;
    case 'alarms':
      return `sets off its alarm (${describeRule(expectation.rule)}) before the data plane fails`;
    case 'stays-quiet':
      return `does not set off its alarm (${describeRule(expectation.rule)}) before fault ${expectation.before} begins`;
    case 'gets-through':
      return `gets through with ${percent(expectation.share)} of its calls between the first fault and the heal`;
    case 'under-load':
      return `is under load: the telemetry agents send ${percent(expectation.share)} of the requests they should`;
  }
}

function describeRule({ atLeast, p99Ms, overMs }: PlannedRule): string {
  return `over ${formatMs(overMs)}: availability below ${atLeast}, or p99 above ${formatMs(p99Ms)}`;
}

function percent(share: number): string {
  return `at least ${Number((share * 100).toFixed(3))} %`;
}
