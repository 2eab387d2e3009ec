import { formatTime } from '../verdict/format.ts';
import type { Result, RungResult } from '../verdict/result.ts';
import type { Style } from './style.ts';
import { table, wrap } from './table.ts';

/** The ladder, one table per load: what each rung promised, what it took, and what it hangs on. */
export function rungLines({ rungs }: Result, style: Style): string[] {
  const levels = [...Map.groupBy(rungs, ({ level }) => level)];
  return levels.flatMap(([level, ofLevel], index) => [
    ...(index === 0 ? [] : ['']),
    ...wrap(`Under ${level}:`),
    ...tableOf(ofLevel, style),
    ...ofLevel.flatMap(noteLines),
  ]);
}

/** Who signed in, once per credential; nothing where no rung was tried. */
export function credentialLines({ rungs }: Result): string[] {
  const known = new Map(rungs.flatMap(({ credential }) => (credential ? [[credential.as, credential]] : [])));
  return [...known.values()].flatMap(({ as, file, expires }) =>
    wrap(`${as}: ${file}, ${expires === null ? 'no certificate that could be read' : `certificate until ${expires}`}`),
  );
}

const head = ['rung', 'promise', 'measured', 'limit', 'verdict', 'depends on'];

function tableOf(rungs: readonly RungResult[], style: Style): string[] {
  const rows = rungs.flatMap(rowsOf);
  const [first = '', ...lines] = table(
    'llrrll',
    head,
    rows.map(({ cells }) => cells),
  );
  return [
    first,
    ...lines.map((line, index) => {
      const { word, verdict } = rows[index]!;
      // The word stands in a column of its own, after two spaces.
      return verdict === undefined ? line : line.replace(`  ${word}`, `  ${style.verdict(verdict, word)}`);
    }),
  ];
}

interface Row {
  readonly cells: readonly string[];
  readonly word: string;
  readonly verdict: RungResult['verdict'] | undefined;
}

const words = { kept: ['kept', 'pass'], broken: ['broken', 'fail'], unknown: ['unknown', 'inconclusive'] } as const;

/** A row per promise; a rung that promises nothing, or was not tried, has one row. */
function rowsOf(rung: RungResult): readonly Row[] {
  const dependsOn = rung.dependsOn.join(', ');
  const one = (promise: string, word: string, verdict?: RungResult['verdict']): Row => ({
    cells: [rung.rung, promise, '–', '–', word, dependsOn],
    word,
    verdict,
  });
  if (rung.outcome !== 'tried')
    return [one(rung.promises.map(({ promise }) => promise).join(', ') || '–', rung.outcome)];
  if (rung.control.outcome !== 'locked-out') return [one('–', 'nothing shown', 'inconclusive')];
  if (rung.way === 'remedies') return [one('none', 'measured')];
  if (rung.promises.length === 0) {
    return [rung.verdict === 'pass' ? one('none', 'locked out') : one('none', 'nothing shown', 'inconclusive')];
  }
  return rung.promises.map(({ promise, outcome, measuredMs, limitMs }, index) => {
    const [word, verdict] = words[outcome];
    const measured = measuredMs === null ? 'never' : formatTime(measuredMs);
    const cells = [index === 0 ? rung.rung : '', promise, measured, `≤ ${formatTime(limitMs)}`, word];
    return { cells: [...cells, index === 0 ? dependsOn : ''], word, verdict };
  });
}

/** What a table has no room for: the control, the calls, why something did not work. */
function noteLines(rung: RungResult): string[] {
  const { outcome, message, control, calls, promises, acts, way } = rung;
  if (outcome !== 'tried') return note(`${rung.rung}: ${outcome}${message === '' ? '' : `: ${message}`}`);
  return [
    ...note(`${rung.rung}: before it, ${control.text}`),
    ...calls.flatMap(({ call, through, status, durationMs, tries, priorityLevel, message: why }) => {
      const answer = status === null ? 'no answer' : `status ${status}`;
      const level = priorityLevel === null ? '' : `, priority level ${priorityLevel}`;
      const again = tries === 1 ? '' : `, try ${tries}`;
      return note(
        `  ${call} through ${through}: ${answer} after ${formatTime(durationMs)}${level}${again}${why === '' ? '' : `: ${why}`}`,
      );
    }),
    ...(way === 'remedies' ? acts : []).flatMap(({ act, ok, durationMs, message: said }) =>
      note(`  ${act}: ${ok ? 'done' : 'not done'} after ${formatTime(durationMs)}${said === '' ? '' : `: ${said}`}`),
    ),
    ...promises
      .filter(({ promise }) => promise === 'relieve' || promise === 'remove')
      .flatMap(({ promise, text }) => note(`  ${promise}: ${text}`)),
    ...(message === '' ? [] : note(`  it did not work: ${message}`)),
  ];
}

function note(text: string): string[] {
  return wrap(text, '    ', '      ');
}
