import { BlackstartError } from '../core/errors.ts';
import { apiUndoDeadlineMs, type Stage } from './stage.ts';
import type { CarryOutOptions } from '../undo/carry-out.ts';

/** Takes back every fault that needs no API, newest first. What needs the API follows while the run recovers. */
export async function heal(stage: Stage): Promise<void> {
  const failed = await stage.changes.healNodes(undoOptions(stage));
  if (failed.length === 0) return;
  throw new BlackstartError('cluster', `Not undone at the heal: ${failed.join('; ')}`);
}

/** Undo is not ended by the first signal, only by the one that says "leave now". */
export function undoOptions({ clock, run, leaveNow }: Stage): CarryOutOptions {
  return { clock, run, signal: leaveNow, apiDeadlineMs: apiUndoDeadlineMs };
}
