import type { StudyRun } from '../study-result.ts';
import type { Load } from '../load-schema.ts';

/** From this share on LISTs are turned away, or pile up: what is asked is more than what can be given. */
const mostRefused = 0.01;
const mostBacklog = 0.05;

/** Says by what the API server broke in this run; undefined when it gave everything that was asked. */
export function brokeBy(run: Pick<StudyRun, 'verdict' | 'reason'>, load: Load): string | undefined {
  if (run.verdict === 'fail') return `the budget of a single GET: ${run.reason}`;
  return shortOf(load);
}

/** The same of the LISTs alone. */
export function shortOf({ refused, backlog }: Load): string | undefined {
  if (refused > mostRefused) return `${percent(refused)} of the LISTs were refused or failed`;
  if (backlog > mostBacklog) {
    return `LISTs came faster than they were answered: those under way grew by ${percent(backlog)} of those sent`;
  }
  return undefined;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
