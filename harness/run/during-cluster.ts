import type { Emit } from '../core/events.ts';
import { messageOf } from '../core/errors.ts';
import type { StudyCluster } from './study-cluster.ts';

/**
 * Makes the study's own cluster, and takes it away again whatever happens in between. Without one, the runs use a
 * cluster that was given and stays: whether it is clean, each of them says for itself, and nobody else looked.
 */
export async function duringCluster(
  cluster: StudyCluster | undefined,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
  body: () => Promise<void>,
): Promise<void> {
  try {
    await cluster?.create();
    await body();
  } catch (problem) {
    if (!signal.aborted) emit({ type: 'problem', code: 'internal', message: messageOf(problem) });
  } finally {
    await cluster?.remove();
  }
}
