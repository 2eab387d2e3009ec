import { apiUndoDeadlineMs, type Stage } from './stage.ts';
import type { CarryOutOptions } from '../undo/carry-out.ts';

/** Takes back every fault that needs no API, newest first. What needs the API follows while the run recovers. */
export async function heal(stage: Stage): Promise<void> {
  await stage.changes.healNodes(undoOptions(stage));
}

/** Undo is not ended by the first signal, only by the one that says "leave now". */
export function undoOptions({ clock, run, leaveNow }: Stage): CarryOutOptions {
  return { clock, run, signal: leaveNow, apiDeadlineMs: apiUndoDeadlineMs };
}
