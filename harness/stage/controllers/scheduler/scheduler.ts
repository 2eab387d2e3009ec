import { isDeepStrictEqual } from 'node:util';
import { keyOf } from '../../client/object-store.ts';
import { resourcePath } from '../../client/paths.ts';
import { resources } from '../../client/resources.ts';
import { StatusError } from '../../client/status-error.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import { rfc3339 } from '../base/events.ts';
import type { Condition, Node, Pod } from '../base/kinds.ts';
import { conditionOf, isActive } from '../base/pod-state.ts';
import { decide } from './decide.ts';
import { Placement } from './placement.ts';

const component = 'default-scheduler';
/** A pod that fits nowhere is looked at again when something changed, but not more often; and now and then anyway. */
const afterChangeMs = 1_000;
const anywayMs = 60_000;

/** Gives every pod without a node one, one pod after the other. */
export function scheduler(context: Context): Controller {
  const { caches } = context;
  const placement = new Placement();
  const homeless = new Set<string>();
  const queue = openQueue(
    context,
    component,
    async (key) => {
      homeless.delete(key);
      const pod = caches.pods.objects.get(key);
      if (!pod || !waits(pod) || placement.has(pod)) return undefined;
      if (await schedule(context, placement, pod)) return undefined;
      homeless.add(key);
      return anywayMs;
    },
    1,
  );
  const tryHomeless = (): void => {
    for (const key of homeless) queue.addAfter(key, afterChangeMs);
  };
  caches.pods.subscribe(({ type, object, before }) => {
    const isNew = before?.metadata.uid !== object.metadata.uid;
    if (type === 'deleted') placement.remove(object);
    else if (isNew || object.spec.nodeName !== undefined) placement.set(object);
    if (type !== 'deleted' && waits(object)) {
      if (isNew || !isDeepStrictEqual(object.spec, before?.spec)) queue.add(keyOf(object));
    } else if (type === 'deleted' || before?.spec.nodeName === undefined || !isActive(object)) tryHomeless();
  });
  caches.nodes.subscribe(({ object, before }) => {
    if (!before || !isDeepStrictEqual(fit(object), fit(before))) tryHomeless();
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

function waits(pod: Pod): boolean {
  const { nodeName, schedulerName = component } = pod.spec;
  return nodeName === undefined && schedulerName === component && isActive(pod);
}

/** What decides which pods fit; heartbeats do not. */
function fit({ metadata, spec, status }: Node): unknown {
  return [metadata.labels, spec, status?.allocatable];
}

/** True when the pod has a node now. */
async function schedule(context: Context, placement: Placement, pod: Pod): Promise<boolean> {
  const decision = decide(pod, [...context.caches.nodes.objects.values()], placement);
  if ('message' in decision) {
    await sayUnschedulable(context, pod, decision.message);
    return false;
  }
  const { namespace, name, uid } = pod.metadata;
  const bound = { ...pod, spec: { ...pod.spec, nodeName: decision.node } };
  placement.set(bound);
  try {
    await bind(context, pod, decision.node);
  } catch (problem) {
    const current = context.caches.pods.objects.get(keyOf(pod));
    if (current?.metadata.uid === uid && current?.spec.nodeName === undefined) placement.remove(bound);
    throw problem;
  }
  const message = `Successfully assigned ${namespace ?? ''}/${name} to ${decision.node}`;
  context.record({ about: pod, type: 'Normal', reason: 'Scheduled', message, component });
  return true;
}

async function bind({ client }: Context, { metadata }: Pod, node: string): Promise<void> {
  const { namespace, name, uid } = metadata;
  const path = resourcePath(resources.pods, namespace, name, 'binding');
  const { status, body } = await client.raw('POST', path, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  });
  if (status > 299) throw new StatusError(`POST ${path}: HTTP ${status} ${body}`, { code: status });
}

async function sayUnschedulable(context: Context, pod: Pod, message: string): Promise<void> {
  const { client, clock, record } = context;
  const said = conditionOf(pod, 'PodScheduled');
  if (said?.status === 'False' && said.message === message) return;
  record({ about: pod, type: 'Warning', reason: 'FailedScheduling', message, component });
  const condition: Condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: said?.status === 'False' ? (said.lastTransitionTime ?? '') : rfc3339(clock.now()),
  };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const { namespace, name, resourceVersion } = pod.metadata;
  const patch = { metadata: { resourceVersion }, status: { conditions: [...others, condition] } };
  await client.patch(resources.pods, { namespace, name }, patch, 'status');
}
