import type { Plan } from '../plan/plan.ts';
import type { Result } from '../verdict/result.ts';
import { apiServerLines } from './api-server-section.ts';
import { faultLines } from './fault-section.ts';
import { headerLines } from './header-section.ts';
import { budgetLines, expectationLines } from './judgement-section.ts';
import { gapLines, laneLines, timelineLines, upstreamLines } from './lane-section.ts';
import { measureLines, overheadLines, phaseLines, proberLines } from './measure-section.ts';
import { agentLines, commandLines, operatorLines } from './operator-section.ts';
import { printable } from './printable.ts';
import { repeatCommand } from './repeat-command.ts';
import { credentialLines, rungLines } from './rung-section.ts';
import { createStyle, type Style } from './style.ts';
import { wrap } from './table.ts';

export interface ReportOptions {
  /** Default false. */
  readonly color?: boolean;
}

/** The report of a run: report.txt, and the screen at its end. Verdict and reason are the last lines. */
export function reportText(result: Result, plan: Plan, options: ReportOptions = {}): string {
  const style = createStyle(options.color ?? false);
  const lines = [
    ...headerLines(result, plan),
    ...section('Phases', phaseLines(result)),
    ...section('Faults', faultLines(result)),
    ...section(laneTitle(result), laneLines(result)),
    ...section('The subject, by what CoreDNS itself did', upstreamLines(result)),
    ...section('What each lane answered from, from the first fault on', timelineLines(result)),
    ...section('Stretches without samples', gapLines(result)),
    ...section('Budgets', budgetLines(result, style)),
    ...section('Expectations', expectationLines(result, style)),
    ...section('Break-glass ladder, each rung while the normal admin was locked out', rungLines(result, style)),
    ...section('Credentials of the ladder', credentialLines(result)),
    ...section('Telemetry agents, as they counted themselves', agentLines(result)),
    ...section('The API server, by its own metrics', apiServerLines(result)),
    ...section('What the operator typed', commandLines(result)),
    ...section('Measured', [...measureLines(result), ...operatorLines(result)]),
    ...section('Probers', proberLines(result)),
    ...section('Wall time', overheadLines(result)),
    ...section('Repeat this run', repeatCommand(plan)),
    ...section('Left behind; these commands remove it', leftoverLines(result)),
    '',
    ...verdictLines(result, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** Not wrapped: the reason stays one line, whatever reads it. */
function verdictLines({ verdict, reason, reasonCode, exitCode, backend }: Result, style: Style): string[] {
  const word = style.verdict(verdict, verdict.toUpperCase());
  return [`${word} (${reasonCode}, exit ${exitCode}, backend ${printable(backend)})`, printable(reason)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function laneTitle({ measures }: Result): string {
  const from = measures.controlPlaneLostMs === null ? 'first fault' : 'control plane lost';
  return `Lanes (${from} to end of recovery)`;
}

function leftoverLines({ leftovers }: Result): string[] {
  return leftovers.flatMap(({ what, command }) => [...wrap(what, '  - ', '    '), `      ${printable(command)}`]);
}
