import type { Load } from '../load-schema.ts';
import type { StudyRun } from '../study-result.ts';

/** From this share on what is asked is more than what can be given. */
const mostRefused = 0.01;
const mostUnanswered = 0.05;
/** So few LISTs are on their way when a window begins and ends. */
const fewLists = 5;

/** Says by what the API server broke in this run; undefined when it gave everything that was asked. */
export function brokeBy(run: Pick<StudyRun, 'verdict' | 'reason'>, load: Load): string | undefined {
  if (run.verdict === 'fail') return `the budget of a single GET: ${run.reason}`;
  return shortOf(load);
}

/** The same of the LISTs alone. */
export function shortOf({ refused, unanswered, askedPerS, answeredPerS, windowS }: Load): string | undefined {
  if (refused > mostRefused) return `${percent(refused)} of the LISTs were refused or failed`;
  if (unanswered > mostUnanswered && unanswered * askedPerS * windowS > fewLists) {
    return `${answeredPerS.toFixed(1)} of ${askedPerS.toFixed(1)} LISTs a second were answered`;
  }
  return undefined;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
