import type { StudyPlan } from '../study/study-plan.ts';
import type { StudyResult } from '../study/study-result.ts';
import { formatTime } from '../verdict/format.ts';
import { rehearsal } from './header-section.ts';
import { printable } from './printable.ts';
import { remedyRaceLines } from './remedy-race-section.ts';
import { repeatStudyCommand } from './repeat-command.ts';
import { scaleSweepLines } from './scale-sweep-section.ts';
import { createStyle, type Style } from './style.ts';
import { table, wrap } from './table.ts';
import type { ReportOptions } from './text.ts';

/** The report of a study: report.txt, and the screen at its end. Verdict and reason are the last lines. */
export function studyReportText(result: StudyResult, plan: StudyPlan, options: ReportOptions = {}): string {
  const style = createStyle(options.color ?? false);
  const { study, backend, startedAt, seed, durationMs, leftovers } = result;
  const lines = [
    ...wrap(`Blackstart study: ${study} on ${backend}, ${startedAt}, seed ${seed}, ${formatTime(durationMs)}`, ''),
    ...(backend === 'embedded' ? wrap(rehearsal, '') : []),
    ...wrap(plan.title, ''),
    ...wrap(plan.question, ''),
    ...section('Runs, each with a report of its own', runLines(result, style)),
    ...findingLines(result),
    ...section('Repeat this study', repeatStudyCommand(plan)),
    ...section(
      'Left behind',
      leftovers.flatMap(({ what, command }) => [...wrap(what, '  - ', '    '), `      ${command}`]),
    ),
    '',
    ...verdictLines(result, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** The part that only this kind of study has. */
function findingLines({ findings, runs }: StudyResult): string[] {
  if (findings === null) return [];
  switch (findings.kind) {
    case 'scale-sweep':
      return scaleSweepLines(findings, runs);
    case 'remedy-race':
      return remedyRaceLines(findings, runs);
  }
}

function runLines({ runs }: StudyResult, style: Style): string[] {
  const [head, ...rows] = table(
    'lll',
    ['run', 'verdict', 'reason'],
    runs.map(({ folder, verdict, reason }) => [folder, verdict, reason]),
  );
  if (head === undefined) return [];
  return [head, ...rows.map((row, index) => colored(row, runs[index]!.verdict, style))];
}

function colored(row: string, verdict: StudyResult['verdict'], style: Style): string {
  return row.replace(`  ${verdict}`, `  ${style.verdict(verdict, verdict)}`);
}

/** Not wrapped: the reason stays one line, whatever reads it. */
function verdictLines({ verdict, reason, reasonCode, exitCode, backend }: StudyResult, style: Style): string[] {
  const word = style.verdict(verdict, verdict.toUpperCase());
  return [`${word} (${reasonCode}, exit ${exitCode}, backend ${printable(backend)})`, printable(reason)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}
