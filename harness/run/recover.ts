import { poll } from '../core/poll.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import { undoOptions } from './heal.ts';
import type { ClusterStage } from './stage.ts';
import { unhealthy } from './steady-state.ts';

const checkEveryMs = 250;

/**
 * Waits until the recovery's lanes are well on every node. Undos that need the API come after that: their tries would be
 * a load on the very recovery that is measured. Where a fault still stands that only they take back, they come first.
 */
export async function recover(stage: ClusterStage, store: SampleStore, carriedOut: boolean): Promise<void> {
  if (!carriedOut || standsUntilUndone(stage)) await stage.changes.healApi(undoOptions(stage));
  try {
    await lanesWell(stage, store);
  } finally {
    await stage.changes.healApi(undoOptions(stage));
  }
}

/** A pod-failure lasts until its PodChaos is gone, a bad agent until its DaemonSet is. */
function standsUntilUndone({ plan }: ClusterStage): boolean {
  return plan.method.some(
    ({ kind, ...step }) =>
      kind === 'inject' &&
      'fault' in step &&
      (step.fault.kind === 'pod-chaos-file' ||
        step.fault.kind === 'telemetry-rollout' ||
        (step.fault.kind === 'pod-chaos' && step.fault.action === 'pod-failure')),
  );
}

async function lanesWell(stage: ClusterStage, store: SampleStore): Promise<void> {
  const { plan, clock, signal, nowMs } = stage;
  const { lanes, healthyForMs } = plan.recovery;
  const healedMs = nowMs();
  await poll(() => (unhealthy(store, lanes, healthyForMs, nowMs(), healedMs).length === 0 ? true : undefined), {
    clock,
    intervalMs: checkEveryMs,
    what: `${lanes.join(' and ')} to be well for ${healthyForMs / 1_000} s`,
    signal,
  });
}
