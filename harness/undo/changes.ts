import { once } from 'node:events';
import { pasteable } from '../core/command.ts';
import { BlackstartError, messageOf } from '../core/errors.ts';
import type { Emit, Leftover } from '../core/events.ts';
import type { Change, Perform } from './change.ts';
import type { UndoEntry, UndoLog } from './undo-log.ts';
import { carryOut, type CarryOutOptions } from './carry-out.ts';

/** The changes of a run: made the safe way, taken back, compared with the state before. */
export interface Changes {
  /** Makes changes that last for the whole run: the cluster, the workloads. */
  readonly setUp: Perform;
  /** Makes changes that are faults; healed before the others. */
  readonly inject: Perform;
  /** Decides that a change stays: it is neither undone nor a leftover. */
  keep(change: Change): void;
  /** Takes one fault back before the heal; rejects with `cluster` when that did not work: the heal tries it again. */
  takeBack(change: Change, options: CarryOutOptions): Promise<void>;
  /** Takes back every fault that needs no API, newest first; gives what could not be undone. */
  healNodes(options: CarryOutOptions): Promise<readonly string[]>;
  /** Takes back every fault that needs the API; tries again until the deadline. */
  healApi(options: CarryOutOptions): Promise<void>;
  /** Takes back the rest, clusters last. */
  tearDown(options: CarryOutOptions): Promise<void>;
  /** Takes back clusters first; what was in them is gone with them. */
  tearDownCluster(options: CarryOutOptions): Promise<void>;
  /**
   * What is left of all changes. `skip` names those that went away with their cluster. `signal` ends the looking: what was
   * not looked at by then counts as left.
   */
  verify(skip: (change: Change) => boolean, signal: AbortSignal): Promise<readonly Leftover[]>;
}

interface Made {
  readonly change: Change;
  readonly entry: UndoEntry;
  readonly isFault: boolean;
  undone: boolean;
}

/** Binds changes to an undo log. */
export function openChanges(log: UndoLog, emit: Emit): Changes {
  const made: Made[] = [];
  const perform =
    (isFault: boolean): Perform =>
    async (change) => {
      await change.snapshot();
      const entry = log.plan(change);
      made.push({ change, entry, isFault, undone: false });
      await change.apply();
      log.mark(entry, 'applied');
    };
  const undoWhere = async (which: (made: Made) => boolean, options: CarryOutOptions): Promise<void> => {
    const due = made.filter((one) => !one.undone && which(one));
    await carryOut(
      due.map((one) => one.entry),
      {
        ...options,
        onUndone: (entry) => {
          log.mark(entry, 'undone');
          const found = made.find((one) => one.entry === entry);
          if (found) found.undone = true;
          emit({ type: 'undo', change: entry.describe, outcome: 'ok' });
        },
        onFailed: (entry, message) => emit({ type: 'undo', change: entry.describe, outcome: 'failed', message }),
      },
    );
  };
  return {
    setUp: perform(false),
    inject: perform(true),
    keep: (change) => {
      const index = made.findIndex((one) => one.change === change);
      const [kept] = index < 0 ? [] : made.splice(index, 1);
      if (kept) log.mark(kept.entry, 'kept');
    },
    takeBack: async (change, options) => {
      await undoWhere((one) => one.change === change, options);
      assertUndone(made.find((one) => one.change === change));
    },
    healNodes: async (options) => {
      await undoWhere(isNodeFault, options);
      return made.filter((one) => isNodeFault(one) && !one.undone).map((one) => one.change.describe);
    },
    healApi: (options) => undoWhere((one) => one.isFault && one.change.needs === 'api', options),
    tearDown: async (options) => await undoWhere(() => true, options),
    tearDownCluster: async (options) => {
      await undoWhere((one) => one.change.needs === 'host', options);
      if (made.some((one) => one.change.needs === 'host' && !one.undone)) return await undoWhere(() => true, options);
      for (const one of made.filter(({ undone }) => !undone)) {
        log.mark(one.entry, 'void');
        one.undone = true;
      }
    },
    verify: async (skip, signal) => {
      const looked = made.filter((one) => !skip(one.change));
      const leftovers = await Promise.all(looked.map(async (one) => await verified(one.change, signal)));
      return leftovers.flat();
    },
  };
}

function assertUndone(made: Made | undefined): void {
  if (made && !made.undone) throw new BlackstartError('cluster', `Not taken back: ${made.change.describe}`);
}

async function verified(change: Change, signal: AbortSignal): Promise<readonly Leftover[]> {
  try {
    return await Promise.race([change.verify(), cutShort(signal)]);
  } catch (problem) {
    const what = `unknown whether this is undone: ${change.describe} (${messageOf(problem)})`;
    return [{ what, command: pasteable(change.undo.argv) }];
  }
}

async function cutShort(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw new BlackstartError('timeout', 'there was no time to look');
}

function isNodeFault({ isFault, change }: Made): boolean {
  return isFault && change.needs !== 'api';
}
