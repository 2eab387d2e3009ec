import type { Clock } from '../../../core/clock.ts';
import { rfc3339 } from '../base/events.ts';
import type { Condition, Node, Taint } from '../base/kinds.ts';
import { conditionOf } from '../base/pod-state.ts';

/** Kubernetes' node-monitor-grace-period since 1.32; on kind 1.34 nodes without heartbeats turned after 50 s. */
const graceMs = 50_000;
/** A longer time without an answer from the API is a gap. A lease is renewed every 10 s, so a shorter one harms nobody. */
const gapMs = 15_000;

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

/**
 * When each node was last heard of, by our own clock: the clocks of nodes are not believed, and time in which the API
 * could not be asked does not count.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #heard = new Map<string, { readonly sign: string; readonly atMs: number }>();
  #askedMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `renewTime` is that of the node's lease. True while the node is heard of often enough. */
  isAlive({ metadata, status }: Node, renewTime: string | undefined): boolean {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const sign = JSON.stringify([metadata.uid, renewTime, ready?.lastHeartbeatTime]);
    const nowMs = this.#clock.monotonicMs();
    const before = this.#heard.get(metadata.name);
    if (before?.sign !== sign) this.#heard.set(metadata.name, { sign, atMs: nowMs });
    return before?.sign !== sign || nowMs - before.atMs < graceMs;
  }

  /**
   * Called each time the API could be asked. After a gap (it was down, or we stood still) everything begins anew: nodes
   * may not have had a chance to be heard.
   */
  asked(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#askedMs > gapMs) this.#heard.clear();
    this.#askedMs = nowMs;
  }
}

/** The conditions of a node that is no longer heard of. */
export function unknownConditions(node: Node, now: Date): Condition[] {
  const has = node.status?.conditions ?? [];
  const all = has.some(({ type }) => type === 'Ready') ? has : [...has, { type: 'Ready', status: '' }];
  const time = rfc3339(now);
  return all.map((condition) => {
    if (condition.status === 'Unknown') return condition;
    const never = condition.status === '';
    return {
      ...condition,
      status: 'Unknown',
      reason: never ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown',
      message: never ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.',
      lastTransitionTime: time,
    };
  });
}

function same(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

/** The taints that a node should have, in its present order; the same array when nothing changes. */
export function wantedTaints(node: Node, now: Date): readonly Taint[] {
  const has = node.spec?.taints ?? [];
  const ready = conditionOf(node, 'Ready')?.status;
  const wanted: Taint[] = [];
  if (ready === 'False') wanted.push({ key: notReady, effect: 'NoSchedule' }, { key: notReady, effect: 'NoExecute' });
  if (ready === 'Unknown') {
    wanted.push({ key: unreachable, effect: 'NoSchedule' }, { key: unreachable, effect: 'NoExecute' });
  }
  if (node.spec?.unschedulable === true) wanted.push({ key: unschedulable, effect: 'NoSchedule' });
  const ours = [notReady, unreachable, unschedulable];
  const kept = has.filter((taint) => !ours.includes(taint.key) || wanted.some((one) => same(one, taint)));
  const added = wanted
    .filter((one) => !has.some((taint) => same(one, taint)))
    .map((taint) => ({ ...taint, timeAdded: rfc3339(now) }));
  return added.length === 0 && kept.length === has.length ? has : [...kept, ...added];
}
