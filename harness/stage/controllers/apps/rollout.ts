import type { Condition, Deployment, ReplicaSet } from '../base/kinds.ts';
import { conditionOf, resolveIntOrPercent, rfc3339, sum } from '../base/objects.ts';

/** Replicas to be set; 'new' is the set of the current template, which may not be there yet. */
export type Scaling = readonly { readonly set: ReplicaSet | 'new'; readonly replicas: number }[];

/**
 * How many pods a rollout may have too many or too few: surge is rounded up, unavailability down, and when both come out
 * as 0, one may be unavailable. Defaults 25 %. Recreate has no room for new pods while there are old ones.
 */
export function rolloutLimits({ spec }: Deployment, oldPodsLeft = false) {
  const { replicas: desired = 1, strategy } = spec;
  if (strategy?.type === 'Recreate') return { desired, maxSurge: oldPodsLeft ? -desired : 0, maxUnavailable: desired };
  const { maxSurge: surge = '25%', maxUnavailable: unavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const maxSurge = resolveIntOrPercent(surge, desired, 'ceil');
  const maxUnavailable = resolveIntOrPercent(unavailable, desired, 'floor');
  return { desired, maxSurge, maxUnavailable: Math.min(desired, maxSurge + maxUnavailable === 0 ? 1 : maxUnavailable) };
}

type RolloutLimits = ReturnType<typeof rolloutLimits>;

/** What to do next; nothing when the list is empty. What comes after that is decided when it is done. */
export function planRollout(
  limits: RolloutLimits,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Scaling {
  const { desired, maxSurge } = limits;
  const current = newSet ? replicasOf(newSet) : 0;
  const old = sum(oldSets, replicasOf);
  const room = Math.max(0, desired + maxSurge - current - old);
  const wanted = Math.min(desired, current + room);
  if (!newSet || wanted !== current) return [{ set: newSet ?? 'new', replicas: wanted }];
  return scaleOldDown(limits, newSet, oldSets);
}

/** Old pods that are not available cost nothing; of the others only as many go as are available too many. */
function scaleOldDown(
  { desired, maxUnavailable }: RolloutLimits,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Scaling {
  let spare = sum([newSet, ...oldSets], availableOf) - (desired - maxUnavailable);
  let budget = spare + sum(oldSets, (set) => replicasOf(set) - availableOf(set));
  return oldSets.flatMap((set) => {
    const broken = replicasOf(set) - availableOf(set);
    const taken = Math.max(0, Math.min(replicasOf(set), broken + Math.max(0, spare), budget));
    spare -= Math.max(0, taken - broken);
    budget -= taken;
    return taken === 0 ? [] : [{ set, replicas: replicasOf(set) - taken }];
  });
}

export function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

/** The status of a Deployment, from its sets. `newSet` is undefined while the current template has none. */
export function deploymentStatus(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
  now: Date,
) {
  const all = [...oldSets, ...(newSet ? [newSet] : [])];
  const replicas = sum(all, ({ status }) => status?.replicas ?? 0);
  const availableReplicas = sum(all, availableOf);
  const totals = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas,
    unavailableReplicas: Math.max(0, replicas - availableReplicas),
  };
  const { desired, maxUnavailable } = rolloutLimits(deployment);
  const isAvailable = availableReplicas >= desired - maxUnavailable;
  const available = {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
  };
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const done = {
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `${what} has successfully progressed.`,
  };
  // Once rolled out it stays so, whatever happens to its pods later.
  const wasDone =
    conditionOf(deployment, 'Progressing')?.message === done.message && replicas === totals.updatedReplicas;
  const progressing =
    wasDone || [replicas, totals.updatedReplicas, availableReplicas].every((count) => count === desired)
      ? done
      : { ...done, reason: 'ReplicaSetUpdated', message: `${what} is progressing.` };
  return { ...totals, conditions: [available, progressing].map((found) => dated(deployment, found, now)) };
}

/** Its times change only when what it says changes. */
function dated(deployment: Deployment, found: Condition, now: Date): Condition {
  const before = conditionOf(deployment, found.type);
  if (before && before.reason === found.reason && before.message === found.message) return before;
  const time = rfc3339(now);
  const since = before?.status === found.status ? before.lastTransitionTime : undefined;
  return { ...found, lastUpdateTime: time, lastTransitionTime: since ?? time };
}
