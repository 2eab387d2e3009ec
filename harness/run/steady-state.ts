import { BlackstartError } from '../core/errors.ts';
import { poll } from '../core/poll.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import type { ClusterStage } from './stage.ts';

const checkEveryMs = 250;
/** A read is at most half a second old, and a lane's rows may wait behind a probe that has no answer before its deadline. */
const readMs = 2_000;

/**
 * Waits until every lane on every node has been without a failure for the planned time. When it is ended before that, the
 * error names the lanes that are not well.
 */
export async function reachSteadyState(stage: ClusterStage, store: SampleStore): Promise<true> {
  const { plan, clock, signal, nowMs } = stage;
  const { healthyForMs } = plan.steadyState;
  const lanes = plan.lanes.map((lane) => lane.name);
  const unwell = (): readonly string[] => unhealthy(store, lanes, healthyForMs, nowMs());
  try {
    return await poll(() => (unwell().length === 0 ? true : undefined), {
      clock,
      intervalMs: checkEveryMs,
      what: `the steady state (${healthyForMs / 1_000} s without a failure on every lane and node)`,
      signal,
    });
  } catch (cause) {
    throw new BlackstartError('interrupted', `not there yet: ${unwell().join('; ')}`, { cause });
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
  const asked = store.lanes.filter(({ lane: { name } }) => lanes.includes(name));
  return asked.flatMap(({ lane: { name: lane, deadlineMs }, nodes }) =>
    nodes.flatMap((node) => {
      const lastMs = store.lastSampleMs(lane, node);
      const firstMs = store.firstSampleMs(lane, node);
      if (lastMs === undefined || firstMs === undefined) return [`${lane} on ${node} (no sample yet)`];
      if (nowMs - lastMs > deadlineMs + readMs)
        return [`${lane} on ${node} (no sample for ${((nowMs - lastMs) / 1_000).toFixed(1)} s)`];
      const failureMs = store.lastFailureMs(lane, node) ?? Number.NEGATIVE_INFINITY;
      const wellForMs = lastMs - Math.max(firstMs, failureMs, sinceMs);
      return wellForMs >= forMs ? [] : [`${lane} on ${node} (well for ${(wellForMs / 1_000).toFixed(1)} s)`];
    }),
  );
}
