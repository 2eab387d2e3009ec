import { messageOf } from '../core/errors.ts';
import type { Leftover } from '../core/events.ts';
import { undoOptions } from './heal.ts';
import type { Reached } from './prepare.ts';
import type { Stage } from './stage.ts';

/**
 * Takes back everything that is still ours and compares with the state before. A cluster that was made for this run
 * takes everything in it along; only a cluster that stays is looked into.
 */
export async function tearDown(stage: Stage, reached: Reached): Promise<void> {
  const startMs = stage.nowMs();
  const clusterGone = reached.clusterChange !== undefined && !stage.keep;
  if (!clusterGone) await freshControllers(stage, reached);
  await (clusterGone ? stage.changes.tearDownCluster(undoOptions(stage)) : stage.changes.tearDown(undoOptions(stage)));
  const leftovers = await stage.changes.verify(
    (change) => clusterGone && change !== reached.clusterChange,
    stage.signal,
  );
  stage.emit({
    type: 'part-ended',
    part: clusterGone ? 'cluster' : 'workloads',
    durationMs: Math.round(stage.nowMs() - startMs),
  });
  stage.emit({ type: 'undo-verified', clean: leftovers.length === 0, leftovers: unique(leftovers) });
}

/** Without controllers no pod goes away. Their back-off after an outage is minutes on a used cluster. */
async function freshControllers(stage: Stage, { cluster }: Reached): Promise<void> {
  try {
    await cluster?.renewControllers(stage.signal);
  } catch (problem) {
    stage.emit({ type: 'note', message: `The controllers were not renewed: ${messageOf(problem)}` });
  }
}

function unique(leftovers: readonly Leftover[]): readonly Leftover[] {
  return [...new Map(leftovers.map((leftover) => [`${leftover.what}\0${leftover.command}`, leftover])).values()];
}
