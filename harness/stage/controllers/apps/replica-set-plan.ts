import type { Pod, ReplicaSet } from '../base/kinds.ts';
import { availableInMs, isActive, isAvailable, isReady } from '../base/pod-state.ts';

export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** How many pods are missing, or which are too many: the least useful go first. */
export function planReplicas(wanted: number, pods: readonly Pod[]): ReplicaPlan {
  const active = pods.filter(isActive);
  const surplus = active.length - wanted;
  if (surplus <= 0) return { create: -surplus, remove: [] };
  const perNode = new Map<string, number>();
  for (const { spec } of active) perNode.set(nodeOf(spec), (perNode.get(nodeOf(spec)) ?? 0) + 1);
  const rank = (pod: Pod): readonly number[] => [
    pod.spec.nodeName === undefined ? 0 : 1,
    pod.status?.phase === 'Running' ? 1 : 0,
    isReady(pod) ? 1 : 0,
    -(perNode.get(nodeOf(pod.spec)) ?? 0),
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  const ranked = active.map((pod) => ({ pod, rank: rank(pod) })).toSorted((a, b) => compare(a.rank, b.rank));
  return { create: 0, remove: ranked.slice(0, surplus).map(({ pod }) => pod) };
}

function nodeOf({ nodeName = '' }: { readonly nodeName?: string }): string {
  return nodeName;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly observedGeneration: number;
}

export function replicaSetStatus(set: ReplicaSet, pods: readonly Pod[], now: Date): ReplicaSetStatus {
  const { minReadySeconds = 0, template } = set.spec;
  const active = pods.filter(isActive);
  const labels = Object.entries(template.metadata?.labels ?? {});
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) =>
      labels.every(([key, value]) => metadata.labels?.[key] === value),
    ).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    observedGeneration: set.metadata.generation ?? 0,
  };
}

/** Milliseconds until the next pod becomes available by having been ready for long enough. */
export function nextAvailableMs(pods: readonly Pod[], minReadySeconds: number, now: Date): number | undefined {
  const waits = pods
    .filter(isActive)
    .map((pod) => availableInMs(pod, minReadySeconds, now))
    .filter((ms) => ms !== undefined && ms > 0);
  return waits.length === 0 ? undefined : Math.min(...(waits as number[]));
}
