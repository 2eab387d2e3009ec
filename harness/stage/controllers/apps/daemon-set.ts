import { isDeepStrictEqual } from 'node:util';
import { resources } from '../../client/resources.ts';
import { keyOf } from '../../client/object-store.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import type { DaemonSet, Node } from '../base/kinds.ts';
import { controllerOf } from '../base/owners.ts';
import { isTerminating } from '../base/pod-state.ts';
import { updateStatus } from '../base/status.ts';
import { templateHash } from '../base/template.ts';
import { daemonSetStatus, planDaemonSet, templateFor } from './daemon-set-plan.ts';
import { createPods, deletePods, knownPods, livePods, podFrom } from './pods.ts';
import { nextAvailableMs } from './replica-set-plan.ts';

const component = 'daemonset-controller';

/** Keeps one pod of each DaemonSet on every node that it is for. */
export function daemonSetController(context: Context): Controller {
  const { caches } = context;
  const queue = openQueue(context, component, async (key) => {
    const set = caches.daemonSets.objects.get(key);
    return set && !isTerminating(set) ? await reconcile(context, set) : undefined;
  });
  const addAll = (): void => {
    for (const key of caches.daemonSets.objects.keys()) queue.add(key);
  };
  caches.daemonSets.subscribe(({ object }) => queue.add(keyOf(object)));
  caches.nodes.subscribe(({ object, before }) => {
    if (!before || placementChanged(object, before)) addAll();
  });
  caches.pods.subscribe(({ object }) => {
    const owner = controllerOf(object);
    if (owner?.kind === 'DaemonSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    else if (!owner) addAll();
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

/** A heartbeat changes nothing for anybody. */
function placementChanged(node: Node, before: Node): boolean {
  return !isDeepStrictEqual(
    [node.metadata.labels, node.spec?.taints, node.spec?.unschedulable],
    [before.metadata.labels, before.spec?.taints, before.spec?.unschedulable],
  );
}

async function reconcile(context: Context, set: DaemonSet): Promise<number | undefined> {
  const now = context.clock.now();
  const nodes = [...context.caches.nodes.objects.values()];
  const hash = templateHash(set.spec.template);
  let pods = knownPods(context, set);
  const { create, remove } = planDaemonSet(set, hash, nodes, pods, now);
  if (create.length > 0 || remove.length > 0 || pods.some((pod) => controllerOf(pod) === undefined)) {
    pods = await livePods(context, set);
    const plan = planDaemonSet(set, hash, nodes, pods, now);
    const wanted = plan.create.map((node) => podFrom(context, set, templateFor(set.spec.template, hash, node)));
    await createPods(context, set, wanted, component);
    await deletePods(context, set, plan.remove, component);
  }
  await updateStatus(context, resources.daemonSets, set, daemonSetStatus(set, hash, nodes, pods, now));
  return nextAvailableMs(pods, set.spec.minReadySeconds ?? 0, now);
}
