import { keyOf } from '../../client/object-store.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject } from '../../client/types.ts';
import { forEach, type Context, type Controller } from '../base/context.ts';
import type { Deployment, Pod, ReplicaSet } from '../base/kinds.ts';
import { byController, controllerReference, isFinished, isTerminating, updateStatus } from '../base/objects.ts';
import { deploymentStatus, planRollout, replicasOf, rolloutLimits } from './rollout.ts';
import { templateHash } from './template-hash.ts';

const name = 'deployment-controller';
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';

/** Rolls Deployments out, by ReplicaSets of which each stands for one pod template. */
export function deploymentController(context: Context): Controller {
  const { copies } = context;
  const sync = async (): Promise<void> => {
    const sets = byController(copies.replicaSets.values());
    const pods = byController(copies.pods.values());
    await forEach(copies.deployments.values(), async (deployment) => {
      const own = sets.get(deployment.metadata.uid) ?? [];
      if (!isTerminating(deployment)) await reconcile(context, deployment, own, pods);
    });
  };
  return { name, watches: ['deployments', 'replicaSets', 'pods'], sync };
}

async function reconcile(
  context: Context,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  pods: ReadonlyMap<string | undefined, readonly Pod[]>,
): Promise<void> {
  const hash = templateHash(deployment.spec.template);
  const sets = all.filter((set) => !isTerminating(set)).toSorted((a, b) => revisionOf(a) - revisionOf(b));
  const newSet = sets.find(({ metadata }) => metadata.labels?.[hashLabel] === hash);
  const oldSets = sets.filter((set) => set !== newSet);
  const status = deploymentStatus(deployment, newSet, oldSets, context.clock.now());
  // A paused Deployment is left as it is; it only says how it is.
  if (deployment.spec.paused !== true) {
    const revision = await syncRevision(context, deployment, newSet, oldSets);
    const left = oldSets.some(({ metadata }) => pods.get(metadata.uid)?.some((pod) => !isFinished(pod)) === true);
    for (const { set, replicas } of planRollout(rolloutLimits(deployment, left), newSet, oldSets)) {
      if (set === 'new') await create(context, deployment, hash, revision, replicas);
      else await scale(context, deployment, set, replicas);
    }
  }
  await updateStatus(context.client, resources.deployments, deployment, status);
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** The newest set has the highest revision, a set that is used again a new one; the Deployment says it too. */
async function syncRevision(
  { client }: Context,
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Promise<number> {
  const revision = Math.max(newSet ? revisionOf(newSet) : 1, 1 + Math.max(0, ...oldSets.map(revisionOf)));
  const patch = { metadata: { annotations: { [revisionAnnotation]: String(revision) } } };
  if (newSet && revisionOf(newSet) !== revision) await client.patch(resources.replicaSets, newSet.metadata, patch);
  if (revisionOf(deployment) !== revision) await client.patch(resources.deployments, deployment.metadata, patch);
  return revision;
}

async function create(
  { client, copies, record }: Context,
  deployment: Deployment,
  hash: string,
  revision: number,
  replicas: number,
): Promise<void> {
  const { metadata, spec } = deployment;
  const { namespace = '' } = metadata;
  // The change cause, for example, is told of each revision.
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = metadata.annotations ?? {};
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace,
      labels,
      annotations: { ...annotations, [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
  if (copies.replicaSets.has(keyOf(set))) {
    const message = `ReplicaSet ${set.metadata.name} is there and belongs to somebody else; orphans are not adopted`;
    record(name, deployment, 'ReplicaSetCreateError', message, 'Warning');
  }
  await client.create(resources.replicaSets, set);
  if (replicas > 0) recordScaling(record, deployment, set.metadata.name, 0, replicas);
}

/** A conflict means that the set is not as it was when this was decided. */
async function scale(
  { client, record }: Context,
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): Promise<void> {
  const { name: setName, resourceVersion } = set.metadata;
  await client.patch(resources.replicaSets, set.metadata, { metadata: { resourceVersion }, spec: { replicas } });
  recordScaling(record, deployment, setName, replicasOf(set), replicas);
}

function recordScaling(record: Context['record'], about: Deployment, set: string, from: number, to: number): void {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
  record(name, about, 'ScalingReplicaSet', message);
}
