import { replicasOf } from './rollout.ts';
import type { Deployment, ReplicaSet } from '../base/kinds.ts';
import type { KubeObject } from '../../client/types.ts';
import { controllerReference } from '../base/owners.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const hashLabel = 'pod-template-hash';
const defaultHistoryLimit = 10;

export function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** The newest set has the highest revision; a set that is used again gets a new one. */
export function nextRevision(newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[]): number {
  return Math.max(newSet ? revisionOf(newSet) : 1, 1 + Math.max(0, ...oldSets.map(revisionOf)));
}

/** Those annotations of a Deployment that its sets carry too (the change cause, for example). */
export function inheritedAnnotations(deployment: Deployment, revision: number): Record<string, string> {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...inherited } = deployment.metadata.annotations ?? {};
  return { ...inherited, [revisionAnnotation]: String(revision) };
}

export function newReplicaSet(deployment: Deployment, hash: string, revision: number, replicas: number): KubeObject {
  const { metadata, spec } = deployment;
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels,
      annotations: inheritedAnnotations(deployment, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** Old sets that are empty and more than the history may keep. */
export function surplusSets({ spec }: Deployment, oldSets: readonly ReplicaSet[]): ReplicaSet[] {
  const empty = oldSets.filter(
    (set) =>
      replicasOf(set) === 0 &&
      (set.status?.replicas ?? 0) === 0 &&
      (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0) &&
      set.metadata.deletionTimestamp === undefined,
  );
  const surplus = empty.length - (spec.revisionHistoryLimit ?? defaultHistoryLimit);
  return empty.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, surplus));
}
