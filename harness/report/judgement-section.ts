import { formatShare, formatTime } from '../verdict/format.ts';
import type { BudgetResult, Result } from '../verdict/result.ts';
import type { Style } from './style.ts';
import { table, wrap } from './table.ts';

/** Budgets with what was measured. */
export function budgetLines({ budgets }: Result, style: Style): string[] {
  const [head, ...rows] = table(
    'llrrl',
    ['lane', 'budget', 'measured', 'limit', 'verdict'],
    budgets.map((budget) => {
      const sign = budget.unit === 'ratio' ? '≥' : '≤';
      return [
        budget.lane,
        budget.budget,
        value(budget, budget.measured),
        `${sign} ${value(budget, budget.limit)}`,
        budget.verdict,
      ];
    }),
  );
  if (head === undefined) return [];
  return [head, ...rows.map((row, index) => colorEnd(row, budgets[index]!.verdict, style))];
}

const marks = { met: 'pass', 'not-met': 'fail', unknown: 'inconclusive' } as const;

/** Expectations with what was seen on each node. */
export function expectationLines({ expectations }: Result, style: Style): string[] {
  return expectations.flatMap(({ expected, outcome, measured, otherwise }) => {
    const [first = '', ...rest] = wrap(`${outcome}: ${expected}`);
    return [
      first.replace(outcome, style.verdict(marks[outcome], outcome)),
      ...rest,
      ...measured.split('; ').flatMap((text) => wrap(text, '    - ', '      ')),
      ...(outcome === 'not-met' ? wrap(otherwise, '    ', '    ') : []),
    ];
  });
}

function value({ unit }: BudgetResult, measured: number | null): string {
  if (measured === null) return unit === 'ratio' ? 'no data' : '–';
  return unit === 'ratio' ? formatShare(measured) : formatTime(measured);
}

function colorEnd(row: string, verdict: BudgetResult['verdict'], style: Style): string {
  return row.endsWith(verdict) ? row.slice(0, -verdict.length) + style.verdict(verdict, verdict) : row;
}
