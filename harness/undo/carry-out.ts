import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import type { UndoEntry } from './undo-log.ts';

export interface CarryOutOptions {
  readonly clock: Clock;
  readonly run: Run;
  /** Wall milliseconds after which an undo that needs the API is given up. */
  readonly apiDeadlineMs: number;
}

export interface CarryOutReport {
  readonly onUndone: (entry: UndoEntry) => void;
  readonly onFailed: (entry: UndoEntry, message: string) => void;
}

/** The same for all others: a node that is busy may need a second try. */
const otherDeadlineMs = 20_000;
/** At least so long each undo is tried again, whatever those before it took. */
const ownDeadlineMs = 10_000;
/** Pause between two tries. */
const retryMs = 500;

/** The order in which undos are carried out: what needs no API first, because it brings the API back; clusters last. */
const order: readonly UndoEntry['needs'][] = ['node', 'api', 'host'];

/** Undos in the order in which they are to be carried out. */
export function inUndoOrder(entries: readonly UndoEntry[]): readonly UndoEntry[] {
  return entries.toSorted((a, b) => order.indexOf(a.needs) - order.indexOf(b.needs) || b.id - a.id);
}

/**
 * Carries undos out from data alone, in their order; each is tried again until the deadline of its kind. A failure stops
 * nothing.
 */
export async function carryOut(
  entries: readonly UndoEntry[],
  options: CarryOutOptions & CarryOutReport,
): Promise<void> {
  const ordered = inUndoOrder(entries);
  for (const needs of order) {
    const forMs = needs === 'api' ? options.apiDeadlineMs : otherDeadlineMs;
    const kindDeadlineMs = options.clock.monotonicMs() + forMs;
    for (const entry of ordered.filter((one) => one.needs === needs)) {
      // What others took all the time for gets its own time all the same, and so a second try.
      const deadlineMs = Math.max(kindDeadlineMs, options.clock.monotonicMs() + ownDeadlineMs);
      const problem = await undoOne(entry, deadlineMs, options);
      if (problem === undefined) options.onUndone(entry);
      else options.onFailed(entry, problem);
    }
  }
}

/** The last problem, or undefined when the undo went through. */
async function undoOne(entry: UndoEntry, deadlineMs: number, options: CarryOutOptions): Promise<string | undefined> {
  const { clock, run } = options;
  for (;;) {
    try {
      // On its own, so that Ctrl-C in the terminal does not end it.
      await run(entry.undo.argv, { timeoutMs: entry.undo.timeoutMs, detached: true });
      return undefined;
    } catch (problem) {
      if (clock.monotonicMs() >= deadlineMs) return messageOf(problem);
      await clock.sleep(retryMs);
    }
  }
}
