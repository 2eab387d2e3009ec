import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import type { UndoEntry } from './undo-log.ts';

export interface CarryOutOptions {
  readonly clock: Clock;
  readonly run: Run;
  /** Wall milliseconds after which an undo that needs the API is given up. */
  readonly apiDeadlineMs: number;
  /** The same for all others: a node that is busy may need a second try. Default 20,000. */
  readonly deadlineMs?: number;
  /** Aborted when the user says "leave now". */
  readonly signal?: AbortSignal | undefined;
}

export interface CarryOutReport {
  readonly onUndone: (entry: UndoEntry) => void;
  readonly onFailed: (entry: UndoEntry, message: string) => void;
}

/** Pause between two tries of an undo that needs the API. */
const retryMs = 500;

/**
 * Carries undos out from data alone. Those that need no API come first, newest first, because they are what brings the
 * API back; then those that need it, each tried again until the deadline; clusters last. A failure stops nothing.
 */
export async function carryOut(
  entries: readonly UndoEntry[],
  options: CarryOutOptions & CarryOutReport,
): Promise<void> {
  const newestFirst = entries.toSorted((a, b) => b.id - a.id);
  for (const needs of ['node', 'api', 'host'] as const) {
    const forMs = needs === 'api' ? options.apiDeadlineMs : (options.deadlineMs ?? 20_000);
    const deadlineMs = options.clock.monotonicMs() + forMs;
    for (const entry of newestFirst.filter((one) => one.needs === needs)) {
      const problem = await undoOne(entry, deadlineMs, options);
      if (problem === undefined) options.onUndone(entry);
      else options.onFailed(entry, problem);
    }
  }
}

/** The last problem, or undefined when the undo went through. */
async function undoOne(entry: UndoEntry, deadlineMs: number, options: CarryOutOptions): Promise<string | undefined> {
  const { clock, run, signal } = options;
  for (;;) {
    try {
      // On its own, so that Ctrl-C in the terminal does not end it.
      await run(entry.undo.argv, { timeoutMs: entry.undo.timeoutMs, signal, detached: true });
      return undefined;
    } catch (problem) {
      if (signal?.aborted || clock.monotonicMs() >= deadlineMs) return messageOf(problem);
      await clock.sleep(retryMs);
    }
  }
}
