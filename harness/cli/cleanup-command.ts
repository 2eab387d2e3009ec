import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { pasteable, run } from '../core/command.ts';
import { exitCodes } from '../core/exit-codes.ts';
import { carryOut } from '../undo/carry-out.ts';
import { findDeadRuns, type DeadRun } from '../undo/dead-runs.ts';
import { markUndone } from '../undo/undo-log.ts';
import type { Done } from './main.ts';
import { defaultRunsFolder } from './project.ts';
import { print } from './terminal.ts';

/** Wall time an undo that needs the API is tried again. */
const apiDeadlineMs = 60_000;

/** `blackstart cleanup`: carries out what runs that died left undone. */
export function addCleanupCommand(program: Command, done: Done): void {
  program
    .command('cleanup')
    .description('carry out the undos of runs whose process is gone')
    .option('--list', 'only say what there is to do')
    .option('--runs <folder>', 'where results are kept', defaultRunsFolder())
    .action(async (options: { list?: true; runs: string }) => {
      const dead = findDeadRuns(resolve(options.runs));
      if (dead.length === 0) print('Nothing to clean up: no dead run left anything.\n');
      for (const one of dead) {
        print(`${one.folder}\n`);
        if (options.list)
          for (const { describe, undo } of one.pending) print(`  ${describe}\n    ${pasteable(undo.argv)}\n`);
        else if (!(await cleanUp(one))) done(exitCodes.leftovers.code);
      }
    });
}

async function cleanUp({ pending, undoLog }: DeadRun): Promise<boolean> {
  let clean = true;
  const host = pending.filter((entry) => entry.needs === 'host');
  // What was in a cluster that is deleted is gone with it.
  const due = host.length > 0 ? host : pending;
  const goneWithIt = pending.filter((entry) => !due.includes(entry));
  await carryOut(due, {
    clock: systemClock,
    run,
    apiDeadlineMs,
    onUndone: (entry) => {
      markUndone(undoLog, entry);
      print(`  undone: ${entry.describe}\n`);
    },
    onFailed: (entry, message) => {
      clean = false;
      print(`  NOT undone: ${entry.describe}: ${message}\n    ${pasteable(entry.undo.argv)}\n`);
    },
  });
  if (clean) for (const entry of goneWithIt) markUndone(undoLog, entry);
  return clean;
}
