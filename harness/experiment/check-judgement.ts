import { formatMs, toMs } from '../core/duration.ts';
import { checkDuplicates, checkPositive, checkShare, type CheckContext, type Problem } from './problem.ts';
import type { AlarmRule, BudgetSpec, ExpectationSpec, ExperimentDefinition, RecoverySpec } from './spec.ts';

/** Checks of everything that is judged: budgets, expectations, recovery. */

export function* checkBudgets(budgets: ExperimentDefinition['budgets'], context: CheckContext): Iterable<Problem> {
  if ((budgets['subject'] ?? []).length === 0 && !context.triesRungs) {
    yield { path: 'budgets', message: "there is no budget for lane 'subject': nothing would be judged" };
  }
  for (const [lane, list] of Object.entries(budgets)) {
    const unknown = context.unknownLane(lane);
    if (unknown !== undefined) yield { path: `budgets.${lane}`, message: unknown };
    const path = (index: number): string => `budgets.${lane}[${index}]`;
    yield* checkDuplicates(list.map((budget, index) => ({ path: path(index), ...budgetKey(budget) })));
    for (const [index, budget] of list.entries()) yield* checkBudget(path(index), budget, context);
  }
}

function* checkBudget(path: string, budget: BudgetSpec, context: CheckContext): Iterable<Problem> {
  switch (budget.kind) {
    case 'availability':
      yield* checkShare(`${path}.atLeast`, budget.atLeast);
      if (!Number.isInteger(budget.minSamples) || budget.minSamples < 1) {
        yield { path: `${path}.minSamples`, message: `${budget.minSamples} is impossible: at least 1, and whole` };
      }
      return;
    case 'latency':
      if (!(budget.quantile > 0 && budget.quantile <= 1)) {
        const message = `${budget.quantile} is impossible: a quantile is above 0 and at most 1 (p99 is 0.99)`;
        yield { path: `${path}.quantile`, message };
      }
      yield* checkPositive(`${path}.atMost`, budget.atMost, 'a latency is longer than zero');
      return;
    case 'longest-outage':
      yield* checkPositive(`${path}.atMost`, budget.atMost, 'no lane is sampled without a pause');
      if (context.outageMs !== undefined && toMs(budget.atMost) > context.outageMs) {
        const outage = `the whole outage takes ${formatMs(context.outageMs)} of wall time`;
        yield { path: `${path}.atMost`, message: `${budget.atMost} can never be exceeded: ${outage}` };
      }
  }
}

function budgetKey(budget: BudgetSpec): { key: string; what: string } {
  if (budget.kind !== 'latency') return { key: budget.kind, what: `a ${budget.kind} budget` };
  return { key: `latency ${budget.quantile}`, what: `a latency budget for quantile ${budget.quantile}` };
}

export function* checkExpectations(list: readonly ExpectationSpec[], context: CheckContext): Iterable<Problem> {
  // Every attempt has a control of its own: the normal admin.
  const hasControl = list.some(({ lane, kind }) => kind === 'under-load' || (lane === 'control' && breaking.has(kind)));
  if (!hasControl && !context.triesRungs) {
    const message = "nothing says how lane 'control' breaks: a pass would prove nothing";
    yield { path: 'expectations', message };
  }
  for (const [index, expectation] of list.entries()) {
    yield* checkExpectation(`expectations[${index}]`, expectation, context);
  }
}

const breaking: ReadonlySet<ExpectationSpec['kind']> = new Set(['breaks', 'breaks-at-expiry']);

const operatorKinds: ReadonlySet<ExpectationSpec['kind']> = new Set([
  'locks-out',
  'gets-through',
  'alarms',
  'stays-quiet',
]);

function* checkExpectation(path: string, expectation: ExpectationSpec, context: CheckContext): Iterable<Problem> {
  const { lane } = expectation;
  const needsCache = expectation.kind === 'breaks-at-expiry' || expectation.kind === 'answers-stale';
  const needsOperator = operatorKinds.has(expectation.kind);
  const misfit = needsCache ? context.notACache(lane) : needsOperator ? context.notAnOperator(lane) : undefined;
  const idle = expectation.kind === 'under-load' && !context.hasTelemetry;
  const wrong = context.unknownLane(lane) ?? (idle ? 'nobody loads it: cluster.telemetry is missing' : misfit);
  if (wrong !== undefined) yield { path: `${path}.lane`, message: wrong };
  if (expectation.otherwise.trim() === '') {
    yield { path: `${path}.otherwise`, message: 'say what it means when this is not seen' };
  }
  if ('share' in expectation) yield* checkShare(`${path}.share`, expectation.share);
  if (expectation.kind === 'stays-quiet' && context.unknownFault(expectation.before) !== undefined) {
    yield { path: `${path}.before`, message: context.unknownFault(expectation.before) ?? '' };
  }
  if ('rule' in expectation) yield* checkRule(`${path}.rule`, expectation.rule);
  if (expectation.kind === 'locks-out') {
    yield* checkPositive(`${path}.atLeast`, expectation.atLeast, 'a lock-out lasts longer than zero');
  }
  if (expectation.kind === 'breaks-at-expiry') {
    yield* checkPositive(`${path}.within`, expectation.within, 'no failure is seen at the very instant');
  }
  if (expectation.kind === 'breaks' && expectation.before !== null) {
    const unknown = expectation.before === lane ? 'a lane cannot break before itself' : undefined;
    const message = unknown ?? context.unknownLane(expectation.before);
    if (message !== undefined) yield { path: `${path}.before`, message };
  }
}

function* checkRule(path: string, rule: AlarmRule): Iterable<Problem> {
  yield* checkShare(`${path}.atLeast`, rule.atLeast);
  yield* checkPositive(`${path}.p99`, rule.p99, 'a latency is longer than zero');
  yield* checkPositive(`${path}.over`, rule.over, 'an alarm looks back over some time');
}

export function* checkRecovery(recovery: RecoverySpec, context: CheckContext): Iterable<Problem> {
  if (recovery.lanes.length === 0) {
    yield { path: 'recovery.lanes', message: 'there is no lane whose recovery is waited for' };
  }
  const lanes = recovery.lanes.map((lane, index) => ({ lane, path: `recovery.lanes[${index}]` }));
  for (const { lane, path } of lanes) {
    const unknown = context.unknownLane(lane);
    if (unknown !== undefined) yield { path, message: unknown };
  }
  yield* checkDuplicates(lanes.map(({ lane, path }) => ({ path, key: lane, what: `lane '${lane}'` })));
  yield* checkPositive('recovery.atMost', recovery.atMost, 'nothing recovers in no time');
  yield* checkPositive('recovery.healthyFor', recovery.healthyFor, 'a healthy window is longer than zero');
}
