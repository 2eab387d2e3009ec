import type { Plan } from '../plan/plan.ts';
import type { Result } from '../verdict/result.ts';
import { wrap } from './table.ts';

/** Told at the top of every report from such a cluster. */
export const rehearsal =
  'A rehearsal on an embedded cluster: what it shows says nothing certain about a real one. Run it with --backend kind too.';

/** What was run, where, with what. */
export function headerLines(result: Result, plan: Plan): string[] {
  const { experiment, backend, seed, timeScale, startedAt, parameters, sabotage, versions } = result;
  return [
    ...wrap(`Blackstart: ${experiment} on ${backend}, ${startedAt}, seed ${seed}, time scale ${timeScale}`, ''),
    ...(backend === 'embedded' ? wrap(rehearsal, '') : []),
    ...wrap(plan.title, ''),
    ...wrap(`Hypothesis: ${plan.hypothesis}`, ''),
    ...named('Parameters', pairs(parameters, '=')),
    ...named('Sabotaged on purpose', sabotage.join(', ')),
    ...named('Versions', pairs(versions, ' ')),
  ];
}

function named(title: string, text: string): string[] {
  return text === '' ? [] : wrap(`${title}: ${text}`, '');
}

function pairs(record: Readonly<Record<string, string>>, between: string): string {
  return Object.entries(record)
    .map(([key, value]) => `${key}${between}${value}`)
    .join(', ');
}
