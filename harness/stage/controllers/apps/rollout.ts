import type { Deployment, ReplicaSet } from '../base/kinds.ts';
import { resolveIntOrPercent } from '../base/int-or-percent.ts';

/** How many pods a rollout may have too many or too few. */
export interface RolloutLimits {
  readonly desired: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export interface RolloutState {
  readonly deployment: Deployment;
  /** The set of the current template; undefined before there is one. */
  readonly newSet: ReplicaSet | undefined;
  /** All others, oldest first. */
  readonly oldSets: readonly ReplicaSet[];
  /** A pod of an old set has not ended yet. */
  readonly oldPodsLeft: boolean;
}

/** What to do next; nothing when both are empty. What comes after that is decided when it is done. */
export interface RolloutStep {
  /** Replicas of the new set that is to be created. */
  readonly create?: number;
  readonly scale: readonly { readonly set: ReplicaSet; readonly replicas: number }[];
}

export function isRecreate({ spec }: Deployment): boolean {
  return spec.strategy?.type === 'Recreate';
}

/** Surge is rounded up and unavailability down; when both come out as 0, one may be unavailable. Defaults 25 %. */
export function rolloutLimits({ spec }: Deployment): RolloutLimits {
  const { replicas: desired = 1, strategy } = spec;
  if (strategy?.type === 'Recreate') return { desired, maxSurge: 0, maxUnavailable: desired };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = resolveIntOrPercent(maxSurge, desired, 'up');
  const unavailable = resolveIntOrPercent(maxUnavailable, desired, 'down');
  return {
    desired,
    maxSurge: surge,
    maxUnavailable: Math.min(desired, surge === 0 && unavailable === 0 ? 1 : unavailable),
  };
}

export function planRollout(state: RolloutState): RolloutStep {
  if (state.deployment.spec.paused === true) return scalePaused(state);
  return isRecreate(state.deployment) ? recreate(state) : rollingUpdate(state);
}

/** A paused rollout goes no further, but what runs alone is still scaled. */
function scalePaused({ deployment, newSet, oldSets }: RolloutState): RolloutStep {
  const { replicas: desired = 1 } = deployment.spec;
  const all = [...oldSets, ...(newSet ? [newSet] : [])];
  const active = all.filter((set) => replicasOf(set) > 0);
  const only = active.length === 0 ? all.at(-1) : active[0];
  if (!only || active.length > 1 || replicasOf(only) === desired) return { scale: [] };
  return { scale: [{ set: only, replicas: desired }] };
}

function recreate({ deployment, newSet, oldSets, oldPodsLeft }: RolloutState): RolloutStep {
  const { replicas: desired = 1 } = deployment.spec;
  const active = oldSets.filter((set) => replicasOf(set) > 0);
  if (active.length > 0) return { scale: active.map((set) => ({ set, replicas: 0 })) };
  if (oldPodsLeft) return { scale: [] };
  return scaleNew(newSet, desired);
}

function rollingUpdate({ deployment, newSet, oldSets }: RolloutState): RolloutStep {
  const limits = rolloutLimits(deployment);
  const { desired } = limits;
  const current = newSet ? replicasOf(newSet) : 0;
  const old = sum(oldSets, replicasOf);
  const room = desired + limits.maxSurge - current - old;
  const wanted = current > desired ? desired : current + Math.max(0, Math.min(room, desired - current));
  const step = scaleNew(newSet, wanted);
  if (step.create !== undefined || step.scale.length > 0 || old === 0) return step;
  return { scale: scaleOldDown(limits, newSet, oldSets) };
}

function scaleNew(newSet: ReplicaSet | undefined, replicas: number): RolloutStep {
  if (!newSet) return { create: replicas, scale: [] };
  return { scale: replicasOf(newSet) === replicas ? [] : [{ set: newSet, replicas }] };
}

/** Pods of old sets that are not available go first: taking them costs nothing. */
function scaleOldDown(
  { desired, maxUnavailable }: RolloutLimits,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): RolloutStep['scale'] {
  const all = [...oldSets, ...(newSet ? [newSet] : [])];
  const minAvailable = desired - maxUnavailable;
  const newMissing = newSet ? replicasOf(newSet) - availableOf(newSet) : 0;
  let budget = sum(all, replicasOf) - minAvailable - newMissing;
  const left = new Map(oldSets.map((set) => [set, replicasOf(set)]));
  const take = (set: ReplicaSet, upTo: number): number => {
    const has = left.get(set) ?? 0;
    const taken = Math.max(0, Math.min(has, upTo, budget));
    left.set(set, has - taken);
    budget -= taken;
    return taken;
  };
  for (const set of oldSets) take(set, replicasOf(set) - availableOf(set));
  let spare = sum(all, availableOf) - minAvailable;
  for (const set of oldSets) spare -= take(set, spare);
  return oldSets.flatMap((set) => {
    const replicas = left.get(set) ?? 0;
    return replicas === replicasOf(set) ? [] : [{ set, replicas }];
  });
}

export function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

export function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
