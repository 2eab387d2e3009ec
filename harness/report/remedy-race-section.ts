import type { RaceFindings, RemedyMeasures } from '../study/remedy-race/findings.ts';
import { hasNoEffect } from '../study/remedy-race/judge.ts';
import { problemWith } from '../study/remedy-race/usable.ts';
import type { StudyRun } from '../study/study-result.ts';
import { formatTime } from '../verdict/format.ts';
import { table, wrap } from './table.ts';

type Tried = StudyRun & { readonly remedy: RemedyMeasures };

/** Columns of a bar. */
const barWidth = 60;

/** What every remedy did, as a table and as bars on one scale of time. */
export function remedyRaceLines({ horizonMs, cannot }: RaceFindings, runs: readonly StudyRun[]): string[] {
  const tried = runs.filter((run): run is Tried => run.remedy !== undefined && run.remedy.outcome === 'tried');
  return [
    '',
    'Remedies: time from the remedy to …',
    ...table('lrrrrrrrl', head, tried.map(row)),
    ...wrap(
      'first: the first mutating call of the normal admin that succeeds. lasts, DNS: the first answer in 5 s without a failure. ' +
        'removed: no agent runs or sends a request any more. herd: most requests of the agents in a second, and most in ' +
        'flight in the API server, once the admin is back.',
    ),
    ...cannot.flatMap(({ remedy, needs }) => wrap(`${remedy} cannot be tried here: ${needs}.`)),
    ...tried.flatMap(noteLines),
    '',
    `Until everything is well (A: admin back, R: agents removed, D: DNS back; full width ${formatTime(horizonMs)})`,
    ...tried.flatMap((run) => barLine(run, horizonMs)),
  ];
}

const head = ['run', 'first', 'lasts', 'removed', 'DNS', 'all well', 'herd/s', 'in flight', 'locked out again'];

function row({ name, remedy }: Tried): readonly string[] {
  const { firstMutationMs, lastingMutationMs, removedMs, dataPlaneMs, dataPlaneBroken, wellMs, herd } = remedy;
  const { agentsPerS, inFlight, relocked } = herd;
  return [
    name,
    timeOr(firstMutationMs, 'never'),
    timeOr(lastingMutationMs, 'never'),
    timeOr(removedMs, 'never'),
    dataPlaneBroken === true ? timeOr(dataPlaneMs, 'never') : 'not broken',
    timeOr(wellMs, 'never'),
    agentsPerS === null ? '–' : String(Math.round(agentsPerS)),
    inFlight === null ? '–' : String(inFlight),
    relocked === null ? '–' : relocked ? 'yes' : 'no',
  ];
}

function timeOr(ms: number | null, word: string): string {
  return ms === null ? word : formatTime(ms);
}

function noteLines(run: Tried): string[] {
  const { message, leftOut } = run.remedy;
  const problem = problemWith(run);
  return [
    ...(problem === undefined ? [] : wrap(`${run.name} says nothing: ${problem}`, '    ', '      ')),
    ...leftOut.flatMap((what) => wrap(`${run.name}: left out ${what}`, '    ', '      ')),
    ...(message === '' ? [] : wrap(`${run.name}: ${message}`, '    ', '      ')),
  ];
}

/** One letter where something was well again; the bar ends when everything was. */
function barLine({ name, remedy }: Tried, horizonMs: number): string[] {
  const { wellMs, lastingMutationMs, removedMs, dataPlaneMs } = remedy;
  const at = (ms: number): number => Math.min(barWidth - 1, Math.floor((ms / Math.max(1, horizonMs)) * barWidth));
  const bar = Array.from({ length: barWidth }, (_, column) => (wellMs !== null && column > at(wellMs) ? ' ' : '█'));
  for (const [letter, ms] of [
    ['D', dataPlaneMs],
    ['R', removedMs],
    ['A', lastingMutationMs],
  ] as const) {
    if (ms !== null) place(bar, at(ms), letter);
  }
  const text = wellMs !== null ? formatTime(wellMs) : hasNoEffect(remedy) ? 'no effect' : 'only in part';
  return [`  ${name.padEnd(24).slice(0, 24)} ${bar.join('')} ${text}`];
}

/** Beside what is there already. */
function place(bar: string[], column: number, letter: string): void {
  const free = [column, ...[1, 2, 3].flatMap((step) => [column - step, column + step])];
  const found = free.find((one) => bar[one] === '█') ?? column;
  bar[found] = letter;
}
