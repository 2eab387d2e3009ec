import { resources } from '../../client/resources.ts';
import { keyOf } from '../../client/object-store.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import type { Pod, ReplicaSet } from '../base/kinds.ts';
import { controllerOf } from '../base/owners.ts';
import { isTerminating } from '../base/pod-state.ts';
import { matchesSelector } from '../base/selectors.ts';
import { updateStatus } from '../base/status.ts';
import { createPods, deletePods, knownPods, livePods, podFrom } from './pods.ts';
import { nextAvailableMs, planReplicas, replicaSetStatus } from './replica-set-plan.ts';

const component = 'replicaset-controller';

/** Keeps as many pods as each ReplicaSet wants. */
export function replicaSetController(context: Context): Controller {
  const { caches } = context;
  const queue = openQueue(context, component, async (key) => {
    const set = caches.replicaSets.objects.get(key);
    return set && !isTerminating(set) ? await reconcile(context, set) : undefined;
  });
  const ownersOf = (pod: Pod): string[] => {
    const owner = controllerOf(pod);
    if (owner) return owner.kind === 'ReplicaSet' ? [`${pod.metadata.namespace ?? ''}/${owner.name}`] : [];
    const sets = [...caches.replicaSets.objects.values()];
    return sets
      .filter(
        ({ metadata, spec }) =>
          metadata.namespace === pod.metadata.namespace && matchesSelector(spec.selector, pod.metadata.labels),
      )
      .map(keyOf);
  };
  caches.replicaSets.subscribe(({ object }) => queue.add(keyOf(object)));
  caches.pods.subscribe(({ object, before }) => {
    for (const key of [...ownersOf(object), ...(before ? ownersOf(before) : [])]) queue.add(key);
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

async function reconcile(context: Context, set: ReplicaSet): Promise<number | undefined> {
  const { replicas = 1, minReadySeconds = 0 } = set.spec;
  let pods = knownPods(context, set);
  const orphans = pods.some((pod) => controllerOf(pod) === undefined);
  const { create, remove } = planReplicas(replicas, pods);
  if (create > 0 || remove.length > 0 || orphans) {
    pods = await livePods(context, set);
    const plan = planReplicas(replicas, pods);
    const wanted = Array.from({ length: plan.create }, () => podFrom(context, set, set.spec.template));
    await createPods(context, set, wanted, component);
    await deletePods(context, set, plan.remove, component);
  }
  const now = context.clock.now();
  await updateStatus(context, resources.replicaSets, set, replicaSetStatus(set, pods, now));
  return nextAvailableMs(pods, minReadySeconds, now);
}
