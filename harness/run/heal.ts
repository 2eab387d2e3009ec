import { BlackstartError } from '../core/errors.ts';
import { apiUndoDeadlineMs } from '../plan/phase-limits.ts';
import type { CarryOutOptions } from '../undo/carry-out.ts';
import type { Stage } from './stage.ts';

/** Takes back every fault that needs no API, newest first. What needs the API follows while the run recovers. */
export async function heal(stage: Stage): Promise<void> {
  const failed = await stage.changes.healNodes(undoOptions(stage));
  if (failed.length === 0) return;
  throw new BlackstartError('cluster', `Not undone at the heal: ${failed.join('; ')}`);
}

/** Undo is ended by nothing but its own deadlines. */
export function undoOptions({ clock, run }: Stage): CarryOutOptions {
  return { clock, run, apiDeadlineMs: apiUndoDeadlineMs };
}
