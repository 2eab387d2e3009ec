import { isDeepStrictEqual } from 'node:util';
import { resources } from '../../client/resources.ts';
import { keyOf } from '../../client/object-store.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import { inNamespace } from '../base/caches.ts';
import type { Deployment, ReplicaSet } from '../base/kinds.ts';
import { controllerOf, isControlledBy } from '../base/owners.ts';
import { isFinished, isTerminating } from '../base/pod-state.ts';
import { matchesSelector } from '../base/selectors.ts';
import { updateStatus } from '../base/status.ts';
import { templateHash } from '../base/template.ts';
import { deadlineInMs, deploymentStatus, isComplete } from './deployment-status.ts';
import { adopt } from './pods.ts';
import {
  hashLabel,
  inheritedAnnotations,
  newReplicaSet,
  nextRevision,
  revisionAnnotation,
  revisionOf,
  surplusSets,
} from './revisions.ts';
import { isRecreate, planRollout, replicasOf } from './rollout.ts';

const component = 'deployment-controller';

/** Rolls Deployments out, by ReplicaSets of which each stands for one pod template. */
export function deploymentController(context: Context): Controller {
  const { caches } = context;
  const queue = openQueue(context, component, async (key) => {
    const deployment = caches.deployments.objects.get(key);
    return deployment && !isTerminating(deployment) ? await reconcile(context, deployment) : undefined;
  });
  const ownersOf = (set: ReplicaSet): string[] => {
    const owner = controllerOf(set);
    if (owner) return owner.kind === 'Deployment' ? [`${set.metadata.namespace ?? ''}/${owner.name}`] : [];
    return inNamespace(caches.deployments, set.metadata.namespace)
      .filter(({ spec }) => matchesSelector(spec.selector, set.metadata.labels))
      .map(keyOf);
  };
  caches.deployments.subscribe(({ object }) => queue.add(keyOf(object)));
  caches.replicaSets.subscribe(({ object }) => {
    for (const key of ownersOf(object)) queue.add(key);
  });
  // Recreate waits for the last old pod to be gone.
  caches.pods.subscribe(({ type, object }) => {
    const owner = controllerOf(object);
    if (type !== 'deleted' || owner?.kind !== 'ReplicaSet') return;
    const set = caches.replicaSets.objects.get(`${object.metadata.namespace ?? ''}/${owner.name}`);
    for (const key of set ? ownersOf(set) : []) queue.add(key);
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

async function reconcile(context: Context, deployment: Deployment): Promise<number | undefined> {
  const sets = await setsOf(context, deployment);
  const hash = templateHash(deployment.spec.template);
  const newSet = sets.find(({ metadata }) => metadata.labels?.[hashLabel] === hash);
  const oldSets = sets.filter((set) => set !== newSet);
  await syncRevision(context, deployment, newSet, oldSets);
  const oldPodsLeft = isRecreate(deployment) && hasPods(context, oldSets);
  const step = planRollout({ deployment, newSet, oldSets, oldPodsLeft });
  if (step.create !== undefined) {
    const set = newReplicaSet(deployment, hash, nextRevision(newSet, oldSets), step.create);
    await context.client.create(resources.replicaSets, set);
    if (step.create > 0) recordScaling(context, deployment, set.metadata.name, 0, step.create);
  }
  for (const { set, replicas } of step.scale) await scale(context, deployment, set, replicas);
  const now = context.clock.now();
  const status = deploymentStatus(deployment, newSet, oldSets, now);
  if (isComplete(deployment, status)) await forgetSurplus(context, deployment, oldSets);
  await updateStatus(context, resources.deployments, deployment, status);
  return deadlineInMs(deployment, status, now);
}

/** The sets of a Deployment, oldest first. */
async function setsOf(context: Context, deployment: Deployment): Promise<ReplicaSet[]> {
  const candidates = inNamespace(context.caches.replicaSets, deployment.metadata.namespace).filter(
    (set) => !isTerminating(set),
  );
  const orphans = candidates.filter(
    (set) => controllerOf(set) === undefined && matchesSelector(deployment.spec.selector, set.metadata.labels),
  );
  const adopted = await Promise.all(orphans.map(async (set) => (await adopt(context, deployment, set)) as ReplicaSet));
  const ours = candidates.filter((set) => isControlledBy(set, deployment));
  return [...ours, ...adopted].toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

/** The set and the Deployment say which revision the current template is. */
async function syncRevision(
  { client }: Context,
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Promise<void> {
  if (deployment.spec.paused === true && !newSet) return;
  const revision = nextRevision(newSet, oldSets);
  const { namespace, name, annotations } = deployment.metadata;
  if (newSet) {
    const wanted = inheritedAnnotations(deployment, revision);
    const merged = { ...newSet.metadata.annotations, ...wanted };
    const { minReadySeconds } = deployment.spec;
    if (!isDeepStrictEqual(merged, newSet.metadata.annotations) || newSet.spec.minReadySeconds !== minReadySeconds) {
      const patch = { metadata: { annotations: wanted }, spec: { minReadySeconds: minReadySeconds ?? null } };
      await client.patch(resources.replicaSets, { namespace, name: newSet.metadata.name }, patch);
    }
  }
  if (annotations?.[revisionAnnotation] === String(revision)) return;
  const patch = { metadata: { annotations: { [revisionAnnotation]: String(revision) } } };
  await client.patch(resources.deployments, { namespace, name }, patch);
}

/** A conflict means that the set is not as it was when this was decided. */
async function scale(context: Context, deployment: Deployment, set: ReplicaSet, replicas: number): Promise<void> {
  const { namespace, name, resourceVersion } = set.metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas } };
  await context.client.patch(resources.replicaSets, { namespace, name }, patch);
  recordScaling(context, deployment, name, replicasOf(set), replicas);
}

function recordScaling({ record }: Context, about: Deployment, set: string, from: number, to: number): void {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
  record({ about, type: 'Normal', reason: 'ScalingReplicaSet', message, component });
}

function hasPods({ caches }: Context, sets: readonly ReplicaSet[]): boolean {
  const uids = new Set(sets.map(({ metadata }) => metadata.uid));
  return [...caches.pods.objects.values()].some((pod) => !isFinished(pod) && uids.has(controllerOf(pod)?.uid));
}

async function forgetSurplus(
  { client }: Context,
  deployment: Deployment,
  oldSets: readonly ReplicaSet[],
): Promise<void> {
  for (const { metadata } of surplusSets(deployment, oldSets)) {
    const { namespace, name, uid } = metadata;
    await client.delete(resources.replicaSets, { namespace, name }, { ...(uid !== undefined && { uid }) });
  }
}
