import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { pasteable, run } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import { exitCodes } from '../core/exit-codes.ts';
import { carryOut, inUndoOrder } from '../undo/carry-out.ts';
import { findDeadRuns, type DeadRun } from '../undo/dead-runs.ts';
import { markEntry, type UndoEntry } from '../undo/undo-log.ts';
import { openBackend } from './backend.ts';
import { whyLeftAlone } from './dead-run-cluster.ts';
import type { Done } from './main.ts';
import { defaultRunsFolder } from './project.ts';
import { findRemains } from './remains.ts';
import { print } from './terminal.ts';

/** Wall time an undo that needs the API is tried again. */
const apiDeadlineMs = 60_000;

/** `blackstart cleanup`: carries out what runs that died left undone, and removes what else is ours and dead. */
export function addCleanupCommand(program: Command, done: Done): void {
  program
    .command('cleanup')
    .description('carry out the undos of runs whose process is gone, and remove what else they left')
    .option('--list', 'only say what there is to do')
    .option('--runs <folder>', 'where results are kept', defaultRunsFolder())
    .action(async (options: { list?: true; runs: string }) => {
      const dead = findDeadRuns(resolve(options.runs));
      for (const one of dead) {
        print(`${one.folder}\n`);
        const why = await whyLeftAlone(one);
        if (why !== undefined) {
          print(`  left alone: ${why}\n`);
          if (!options.list) done(exitCodes.leftovers.code);
        } else if (options.list)
          for (const { describe, undo } of one.pending) print(`  ${describe}\n    ${pasteable(undo.argv)}\n`);
        else if (!(await cleanUp(one))) done(exitCodes.leftovers.code);
      }
      const remains = await findRemains();
      for (const { describe, removal } of remains) {
        if (options.list) print(`${describe}\n    ${pasteable(removal)}\n`);
        else if (!(await remove(describe, removal))) done(exitCodes.leftovers.code);
      }
      if (dead.length + remains.length === 0) print('Nothing to clean up: nothing that died left anything.\n');
    });
}

async function remove(describe: string, removal: readonly string[]): Promise<boolean> {
  try {
    await run(removal);
    print(`removed: ${describe}\n`);
    return true;
  } catch (problem) {
    print(`NOT removed: ${describe}: ${messageOf(problem)}\n    ${pasteable(removal)}\n`);
    return false;
  }
}

/** True when nothing is left to do. */
async function cleanUp({ pending, undoLog, cluster }: DeadRun): Promise<boolean> {
  const backend = cluster && openBackend(cluster.backend);
  const isGone = cluster && backend ? !(await backend.list()).includes(cluster.name) : false;
  const host = pending.filter((entry) => entry.needs === 'host');
  // Nothing in a cluster that is gone can be undone, and what is in one that is to be deleted goes with it.
  const due = isGone ? [] : host.length > 0 ? host : pending;
  const mark = (entry: UndoEntry, state: 'undone' | 'void', why = ''): void => {
    markEntry(undoLog, entry, state);
    print(`  ${state}: ${entry.describe}${why}\n`);
  };
  let clean = true;
  await carryOut(due, {
    clock: systemClock,
    run,
    apiDeadlineMs,
    onUndone: (entry) => mark(entry, 'undone'),
    onFailed: (entry, message) => {
      clean = false;
      print(`  NOT undone: ${entry.describe}: ${message}\n    ${pasteable(entry.undo.argv)}\n`);
    },
  });
  if (!clean) return false;
  for (const entry of inUndoOrder(pending.filter((one) => !due.includes(one)))) {
    if (entry.needs === 'host') mark(entry, 'undone', ': it is gone already');
    else mark(entry, 'void', `: ${cluster?.name ?? 'its cluster'} is gone`);
  }
  if (cluster && (isGone || host.length > 0)) backend?.forget(cluster.name);
  return true;
}
