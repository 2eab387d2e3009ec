import type { Clock } from '../../../core/clock.ts';
import { resources } from '../../client/resources.ts';
import { forEach, type Context, type Controller } from '../base/context.ts';
import type { Condition, Node, Pod, Taint } from '../base/kinds.ts';
import { conditionOf, isActive, isReady, rfc3339 } from '../base/objects.ts';

const component = 'node-controller';
const periodMs = 5_000;
/** Kubernetes' node-monitor-grace-period since 1.32; on kind 1.34 nodes without heartbeats turned after 50 s. */
const graceMs = 50_000;
/** A longer time without an answer from the API is a gap. Leases are renewed every 10 s, so a shorter one harms nobody. */
const gapMs = 15_000;

/** Nodes that are no longer heard of: their state is unknown, they take no new pods, and their pods are not ready. */
export function nodeLifecycleController(context: Context): Controller {
  const { copies, client } = context;
  const heartbeats = openHeartbeats(context.clock);
  const sync = async (): Promise<number> => {
    // Asked from the API each time, because a copy of an informer can be behind after an outage.
    const options = { namespace: 'kube-node-lease', resourceVersion: '0' };
    const { items } = await client.list(resources.leases, options);
    const renewTimes = new Map(
      items.map(({ metadata, spec }) => [metadata.name, (spec as { renewTime?: string } | undefined)?.renewTime]),
    );
    heartbeats.asked();
    await forEach(copies.nodes.values(), async (node) => {
      if (!heartbeats.isAlive(node, renewTimes.get(node.metadata.name))) await markUnknown(context, node);
      await setTaints(context, node);
    });
    return periodMs;
  };
  return { name: component, watches: ['nodes'], sync };
}

async function markUnknown(context: Context, node: Node): Promise<void> {
  const { client, clock, record, copies } = context;
  const { name, resourceVersion } = node.metadata;
  if (conditionOf(node, 'Ready')?.status !== 'Unknown') {
    const patch = { metadata: { resourceVersion }, status: { conditions: unknownConditions(node, clock.now()) } };
    await client.patch(resources.nodes, node.metadata, patch, 'status');
    record(component, node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
  }
  const pods = [...copies.pods.values()].filter((pod) => pod.spec.nodeName === name && isActive(pod) && isReady(pod));
  await forEach(pods, async (pod) => await markNotReady(context, pod));
}

/** Its services stop sending to it, though nobody there can say that it is not ready. */
async function markNotReady({ client, clock, record }: Context, pod: Pod): Promise<void> {
  const { resourceVersion } = pod.metadata;
  const lastTransitionTime = rfc3339(clock.now());
  const conditions = pod.status?.conditions?.map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime } : condition,
  );
  await client.patch(resources.pods, pod.metadata, { metadata: { resourceVersion }, status: { conditions } }, 'status');
  record(component, pod, 'NodeNotReady', 'Node is not ready', 'Warning');
}

async function setTaints({ client }: Context, node: Node): Promise<void> {
  const has = node.spec?.taints ?? [];
  const taints = wantedTaints(node, has);
  if (taints === has) return;
  const { resourceVersion } = node.metadata;
  const spec = { taints: taints.length === 0 ? null : taints };
  await client.patch(resources.nodes, node.metadata, { metadata: { resourceVersion }, spec });
}

/**
 * When each node was last heard of, by our own clock: the clocks of nodes are not believed, and time in which the API
 * could not be asked does not count.
 */
export function openHeartbeats(clock: Clock) {
  const heard = new Map<string, { readonly sign: string; readonly atMs: number }>();
  let askedMs = -Infinity;
  return {
    /**
     * Called each time the API could be asked. After a gap (it was down, or we stood still) everything begins anew:
     * nodes may not have had a chance to be heard.
     */
    asked: (): void => {
      const nowMs = clock.monotonicMs();
      if (nowMs - askedMs > gapMs) heard.clear();
      askedMs = nowMs;
    },
    /** `renewTime` is that of the node's lease. True while the node is heard of often enough. */
    isAlive: (node: Node, renewTime: string | undefined): boolean => {
      const { name, uid } = node.metadata;
      const sign = JSON.stringify([uid, renewTime, conditionOf(node, 'Ready')?.lastHeartbeatTime]);
      const before = heard.get(name);
      if (before?.sign === sign) return clock.monotonicMs() - before.atMs < graceMs;
      heard.set(name, { sign, atMs: clock.monotonicMs() });
      return true;
    },
  };
}

/** The conditions of a node that is no longer heard of. */
export function unknownConditions(node: Node, now: Date): Condition[] {
  const has = node.status?.conditions ?? [];
  const all = has.some(({ type }) => type === 'Ready') ? has : [...has, { type: 'Ready', status: '' }];
  const message = 'Kubelet stopped posting node status.';
  const unknown = { status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: rfc3339(now) };
  return all.map((condition) => (condition.status === 'Unknown' ? condition : { ...condition, ...unknown }));
}

/** The keys of our taints, and when a node has them. */
const taints: Readonly<Record<string, (node: Node) => boolean>> = {
  'node.kubernetes.io/not-ready': (node) => conditionOf(node, 'Ready')?.status === 'False',
  'node.kubernetes.io/unreachable': (node) => conditionOf(node, 'Ready')?.status === 'Unknown',
  'node.kubernetes.io/unschedulable': ({ spec }) => spec?.unschedulable === true,
};

/** The taints that a node should have; the same array when nothing changes. */
export function wantedTaints(node: Node, has: readonly Taint[]): readonly Taint[] {
  const kept = has.filter(({ key }) => taints[key]?.(node) ?? true);
  const missing = Object.keys(taints).filter((key) => taints[key]?.(node) && !has.some((taint) => taint.key === key));
  if (kept.length === has.length && missing.length === 0) return has;
  return [...kept, ...missing.map((key) => ({ key, effect: 'NoSchedule' }))];
}
