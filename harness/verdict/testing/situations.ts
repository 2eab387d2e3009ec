import { missedBudgets } from './budget-situations.ts';
import { badControl } from './control-situations.ts';
import { badData } from './data-situations.ts';
import { badFaults } from './fault-situations.ts';
import { brokenRuns } from './run-situations.ts';
import { pass, type Situation } from './situation.ts';

/** What the judge must say of every kind of run. */
export const situations: readonly Situation[] = [
  { name: 'everything happens as the theory says', ...pass, says: /^The hypothesis held/ },
  {
    name: 'the control lane is the API itself',
    ...pass,
    says: /lane api broke as it must/,
    plan: (plan) => ({
      ...plan,
      lanes: plan.lanes
        .filter((lane) => lane.role !== 'control')
        .map((lane) => (lane.name === 'api' ? { ...lane, role: 'control' } : lane)),
      recovery: { ...plan.recovery, lanes: ['api', 'subject'] },
      expectations: [{ kind: 'breaks', lane: 'api', before: null, outcome: null, otherwise: 'The API held.' }],
    }),
  },
  ...missedBudgets,
  ...badFaults,
  ...badControl,
  ...badData,
  ...brokenRuns,
];
