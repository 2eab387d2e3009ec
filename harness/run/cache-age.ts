import { BlackstartError } from '../core/errors.ts';
import type { PlannedInject } from '../plan/plan.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import type { ClusterStage } from './stage.ts';

type When = NonNullable<PlannedInject['when']>;

/** Sleeps until a lane's cached entry has the wanted age on every node, so that runs are alike. */
export async function waitForAge(stage: ClusterStage, store: SampleStore, when: When): Promise<void> {
  const lane = stage.plan.lanes.find((one) => one.name === when.lane);
  if (lane?.probe.kind !== 'node-dns-cache') {
    throw new BlackstartError('internal', `Lane ${when.lane} has no cache to wait for`);
  }
  const lastRefreshMs = latestRefresh(store, when.lane);
  const atMs = momentOfAge(when, lane.probe.holdMs, lastRefreshMs, stage.nowMs());
  const cause = `${when.from} of ${when.lane} ${when.offsetMs < 0 ? '-' : '+'} ${Math.abs(when.offsetMs) / 1_000} s`;
  stage.emit({ type: 'note', message: `Waiting ${((atMs - stage.nowMs()) / 1_000).toFixed(1)} s for ${cause}` });
  await stage.clock.sleep(Math.max(0, atMs - stage.nowMs()), stage.signal);
}

/**
 * The next moment at which the entry has the wanted age. While upstream answers, an entry that runs out is refreshed by
 * the next query, so the pattern repeats every hold; only a moment after the expiry (the entry is stale) does not.
 */
export function momentOfAge(when: When, holdMs: number, lastRefreshMs: number, nowMs: number): number {
  const firstMs = lastRefreshMs + (when.from === 'expiry' ? holdMs : 0) + when.offsetMs;
  if (firstMs >= nowMs || (when.from === 'expiry' && when.offsetMs >= 0)) return Math.max(firstMs, nowMs);
  return firstMs + Math.ceil((nowMs - firstMs) / holdMs) * holdMs;
}

/** Nodes are primed at the same instant; what difference there is goes to the later one. */
function latestRefresh(store: SampleStore, lane: string): number {
  const times = store.nodes.map((node) => store.lastRefreshMs(lane, node));
  if (times.includes(undefined))
    throw new BlackstartError('prober', `Lane ${lane} has not been refreshed on every node yet`);
  return Math.max(...times.map((time) => time ?? 0));
}
