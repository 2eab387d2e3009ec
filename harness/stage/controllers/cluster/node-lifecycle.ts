import { resources } from '../../client/resources.ts';
import { everyMs, openQueue, type Context, type Controller } from '../base/context.ts';
import { rfc3339 } from '../base/events.ts';
import type { Node, Pod } from '../base/kinds.ts';
import { conditionOf, isFinished, isReady, isTerminating } from '../base/pod-state.ts';
import { evictionTime } from './eviction.ts';
import { Heartbeats, unknownConditions, wantedTaints } from './node-health.ts';

const component = 'node-controller';
const periodMs = 5_000;
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Nodes that are no longer heard of: their state is unknown, they are tainted, and their pods leave in time. */
export function nodeLifecycleController(context: Context): Controller {
  const { caches } = context;
  const heartbeats = new Heartbeats(context.clock);
  const taints = openQueue(context, component, async (name) => {
    const node = caches.nodes.objects.get(name);
    if (node) await taint(context, node);
    return undefined;
  });
  caches.nodes.subscribe(({ object }) => taints.add(object.metadata.name));
  const watch = everyMs(context, component, periodMs, async () => await turn(context, heartbeats));
  return {
    start: () => {
      taints.start();
      watch.start();
    },
    stop: () => {
      taints.stop();
      watch.stop();
    },
  };
}

async function turn(context: Context, heartbeats: Heartbeats): Promise<void> {
  const renewTimes = await leases(context);
  heartbeats.asked();
  const nodes = [...context.caches.nodes.objects.values()];
  const silent = nodes.filter((node) => !heartbeats.isAlive(node, renewTimes.get(node.metadata.name)));
  const results = await Promise.allSettled(silent.map(async (node) => await markUnknown(context, node)));
  // When no node at all is well, the fault is rather on this side (Kubernetes' "full disruption").
  if (nodes.some((node) => isReady(node) && !silent.includes(node))) await evict(context);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Asked from the API each time, because a copy of an informer can be behind after an outage. */
async function leases({ client }: Context): Promise<Map<string, string | undefined>> {
  const { items } = await client.list(resources.leases, { namespace: 'kube-node-lease', resourceVersion: '0' });
  return new Map(
    items.map(({ metadata, spec }) => [metadata.name, (spec as { renewTime?: string } | undefined)?.renewTime]),
  );
}

async function markUnknown(context: Context, node: Node): Promise<void> {
  const { client, clock, record } = context;
  const { name, resourceVersion } = node.metadata;
  if (conditionOf(node, 'Ready')?.status !== 'Unknown') {
    const patch = { metadata: { resourceVersion }, status: { conditions: unknownConditions(node, clock.now()) } };
    await client.patch(resources.nodes, { name }, patch, 'status');
    const message = `Node ${name} status is now: NodeNotReady`;
    record({ about: node, type: 'Normal', reason: 'NodeNotReady', message, component });
  }
  for (const pod of podsOn(context, name)) if (isReady(pod)) await markNotReady(context, pod);
}

/** Its services stop sending to it, though nobody there can say that it is not ready. */
async function markNotReady({ client, clock, record }: Context, pod: Pod): Promise<void> {
  const { namespace, name, resourceVersion } = pod.metadata;
  const time = rfc3339(clock.now());
  const conditions = pod.status?.conditions?.map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: time } : condition,
  );
  await client.patch(
    resources.pods,
    { namespace, name },
    { metadata: { resourceVersion }, status: { conditions } },
    'status',
  );
  record({ about: pod, type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component });
}

async function taint({ client, clock }: Context, node: Node): Promise<void> {
  const has = node.spec?.taints;
  const taints = wantedTaints(node, clock.now());
  if (taints === has || (taints.length === 0 && has === undefined)) return;
  const { name, resourceVersion } = node.metadata;
  await client.patch(
    resources.nodes,
    { name },
    { metadata: { resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } },
  );
}

async function evict(context: Context): Promise<void> {
  const { caches, client, clock, record } = context;
  const now = clock.now();
  for (const node of caches.nodes.objects.values()) {
    if (!node.spec?.taints?.some(({ effect }) => effect === 'NoExecute')) continue;
    for (const pod of podsOn(context, node.metadata.name)) {
      const due = evictionTime(pod, node, now);
      if (due === undefined || due > now.getTime()) continue;
      const { namespace, name, uid } = pod.metadata;
      const message = `Marking for deletion Pod ${namespace ?? ''}/${name}`;
      record({
        about: pod,
        type: 'Normal',
        reason: 'TaintManagerEviction',
        message,
        component: 'taint-eviction-controller',
      });
      await client.delete(resources.pods, { namespace, name }, { ...(uid !== undefined && { uid }) });
    }
  }
}

/** Static pods stay whatever happens, and what ends already needs nothing. */
function podsOn({ caches }: Context, node: string): Pod[] {
  return [...caches.pods.objects.values()].filter(
    (pod) =>
      pod.spec.nodeName === node &&
      !isFinished(pod) &&
      !isTerminating(pod) &&
      pod.metadata.annotations?.[mirrorAnnotation] === undefined,
  );
}
