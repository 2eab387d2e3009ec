import { Command, CommanderError } from 'commander';
import { BlackstartError, messageOf } from '../core/errors.ts';
import { exitCodeOf, exitCodes } from '../core/exit-codes.ts';
import { addClusterCommand } from './cluster-command.ts';
import { addCleanupCommand } from './cleanup-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addListCommand } from './list-command.ts';
import { addPlanCommand } from './plan-command.ts';
import { addReportCommand } from './report-command.ts';
import { addRunCommand } from './run-command.ts';
import { print, printError } from './terminal.ts';

/** Runs the command line; gives the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const done = (code: number): void => {
    exitCode = code;
  };
  try {
    await program(done).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (problem) {
    return reportProblem(problem);
  }
}

/** Called by a command with its exit code. */
export type Done = (exitCode: number) => void;

function program(done: Done): Command {
  const blackstart = new Command('blackstart')
    .description('Lose the control plane of a cluster, watch the data plane, and get a verdict with its evidence.')
    .addHelpText('after', exitCodeHelp())
    .showSuggestionAfterError()
    .configureOutput({ writeOut: print, writeErr: printError })
    .exitOverride();
  for (const add of [
    addRunCommand,
    addListCommand,
    addPlanCommand,
    addReportCommand,
    addDoctorCommand,
    addClusterCommand,
    addCleanupCommand,
  ]) {
    add(blackstart, done);
  }
  // exitOverride is not inherited by commands that were added before; set it on each.
  for (const command of blackstart.commands) command.exitOverride().addHelpText('after', exitCodeHelp());
  return blackstart;
}

function exitCodeHelp(): string {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['', 'Exit codes:', ...rows].join('\n');
}

function reportProblem(problem: unknown): number {
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : exitCodes.usage.code;
  printError(`Error: ${messageOf(problem)}\n`);
  if (problem instanceof BlackstartError) {
    if (problem.hint !== undefined) printError(`Hint:  ${problem.hint}\n`);
    return exitCodeOf(problem.code);
  }
  if (problem instanceof Error && problem.stack !== undefined) printError(`${problem.stack}\n`);
  return exitCodes.internal.code;
}
