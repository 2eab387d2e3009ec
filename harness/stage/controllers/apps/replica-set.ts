import type { Context, Controller } from '../base/context.ts';
import type { Pod, ReplicaSet } from '../base/kinds.ts';
import { compareRanks, isActive, isReady } from '../base/objects.ts';
import { podController, type PodPlan } from './pods.ts';

/** Keeps as many pods as each ReplicaSet wants. */
export function replicaSetController(context: Context): Controller {
  const name = 'replicaset-controller';
  return podController(context, { name, kind: 'replicaSets', plan: planReplicas, status: replicaSetStatus });
}

/** What is missing, or which pods are too many: the least useful go first. */
export function planReplicas({ spec }: ReplicaSet, pods: readonly Pod[]): PodPlan {
  const active = pods.filter(isActive);
  const surplus = active.length - (spec.replicas ?? 1);
  if (surplus <= 0) return { create: Array.from({ length: -surplus }, () => spec.template), remove: [] };
  const onNode = Map.groupBy(active, (pod) => pod.spec.nodeName);
  const useOf = (pod: Pod): number[] => [
    pod.spec.nodeName === undefined ? 0 : 1,
    pod.status?.phase === 'Running' ? 1 : 0,
    isReady(pod) ? 1 : 0,
    -(onNode.get(pod.spec.nodeName)?.length ?? 0),
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  return { create: [], remove: active.toSorted((a, b) => compareRanks(useOf(a), useOf(b))).slice(0, surplus) };
}

function replicaSetStatus({ metadata }: ReplicaSet, pods: readonly Pod[]): object {
  const active = pods.filter(isActive);
  const ready = active.filter(isReady).length;
  const observedGeneration = metadata.generation ?? 0;
  return { replicas: active.length, readyReplicas: ready, availableReplicas: ready, observedGeneration };
}
