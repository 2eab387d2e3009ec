import { BlackstartError } from '../core/errors.ts';
import { poll } from '../core/poll.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import type { ClusterStage } from './stage.ts';

const checkEveryMs = 250;
/** A read is at most half a second old, and a lane's rows may wait 2 s behind a probe that has no answer yet. */
const freshMs = 4_000;

/**
 * Waits until every lane on every node has been without a failure for the planned time. Rejects with `timeout`, naming
 * the lanes that are not well, when that does not happen within the phase's limit.
 */
export async function reachSteadyState(stage: ClusterStage, store: SampleStore): Promise<true> {
  const { plan, clock, signal } = stage;
  const { healthyForMs, timeoutMs } = plan.steadyState;
  const lanes = plan.lanes.map((lane) => lane.name);
  try {
    return await poll(() => (unhealthy(store, lanes, healthyForMs, stage.nowMs()).length === 0 ? true : undefined), {
      clock,
      intervalMs: checkEveryMs,
      timeoutMs,
      what: `the steady state (${healthyForMs / 1_000} s without a failure on every lane and node)`,
      signal,
    });
  } catch (problem) {
    if (!(problem instanceof BlackstartError) || problem.code !== 'timeout') throw problem;
    const unwell = unhealthy(store, lanes, healthyForMs, stage.nowMs());
    throw new BlackstartError('timeout', `${problem.message}; not there yet: ${unwell.join('; ')}`, { cause: problem });
  }
}

/** The lanes and nodes that have not been without a failure for this long up to their last sample. */
export function unhealthy(
  store: SampleStore,
  lanes: readonly string[],
  forMs: number,
  nowMs: number,
  sinceMs = 0,
): readonly string[] {
  return lanes.flatMap((lane) =>
    store.nodes.flatMap((node) => {
      const lastMs = store.lastSampleMs(lane, node);
      const firstMs = store.firstSampleMs(lane, node);
      if (lastMs === undefined || firstMs === undefined) return [`${lane} on ${node} (no sample yet)`];
      if (nowMs - lastMs > freshMs)
        return [`${lane} on ${node} (no sample for ${((nowMs - lastMs) / 1_000).toFixed(1)} s)`];
      const failureMs = store.lastFailureMs(lane, node) ?? Number.NEGATIVE_INFINITY;
      const wellForMs = lastMs - Math.max(firstMs, failureMs, sinceMs);
      return wellForMs >= forMs ? [] : [`${lane} on ${node} (well for ${(wellForMs / 1_000).toFixed(1)} s)`];
    }),
  );
}
