import { poll } from '../core/poll.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import { undoOptions } from './heal.ts';
import type { ClusterStage } from './stage.ts';
import { unhealthy } from './steady-state.ts';

const checkEveryMs = 250;
/** Wall time for the API server to come back; kubeadm's own startup probe gives it 4 minutes, idle machines need 3 s. */
const apiBackMs = 120_000;

/**
 * Waits until the recovery's lanes are well on every node; then the undos that need the API are carried out. Not at the
 * same time: their tries would be a load on the very recovery that is measured.
 */
export async function recover(stage: ClusterStage, store: SampleStore): Promise<void> {
  try {
    await lanesWell(stage, store);
  } finally {
    await stage.changes.healApi(undoOptions(stage));
  }
}

async function lanesWell(stage: ClusterStage, store: SampleStore): Promise<void> {
  const { plan, clock, signal, nowMs } = stage;
  const { lanes, healthyForMs, atMostMs } = plan.recovery;
  const healedMs = nowMs();
  await poll(() => (unhealthy(store, lanes, healthyForMs, healedMs).length === 0 ? true : undefined), {
    clock,
    intervalMs: checkEveryMs,
    timeoutMs: apiBackMs + atMostMs + healthyForMs,
    what: `${lanes.join(' and ')} to be well for ${healthyForMs / 1_000} s`,
    signal,
  });
}
