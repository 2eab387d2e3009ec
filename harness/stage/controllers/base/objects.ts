import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, OwnerReference, Resource, StageClient } from '../../client/types.ts';
import type { Condition, IntOrPercent, LabelSelector, Labels, Pod, Requirement } from './kinds.ts';

interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export function conditionOf({ status }: Conditioned, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Its condition Ready is True: a pod's or a node's. */
export function isReady(object: Conditioned): boolean {
  return conditionOf(object, 'Ready')?.status === 'True';
}

/** It ended by itself and will not run again. */
export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** It counts as one of its owner's replicas. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true);
}

export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** By the uid of the controller that they belong to. */
export function byController<T extends KubeObject>(objects: Iterable<T>): Map<string | undefined, T[]> {
  return Map.groupBy(objects, (object) => controllerOf(object)?.uid);
}

/** Writes those fields of a status that are not so already. Rejects with 409 when the object is not what it was. */
export async function updateStatus(
  client: StageClient,
  resource: Resource,
  object: KubeObject,
  status: object,
): Promise<void> {
  const has = (object['status'] ?? {}) as Record<string, unknown>;
  const changed = Object.entries(status).filter(([field, value]) => !isDeepStrictEqual(has[field], value));
  if (changed.length === 0) return;
  const { resourceVersion } = object.metadata;
  const patch = { metadata: { resourceVersion }, status: Object.fromEntries(changed) };
  await client.patch(resource, object.metadata, patch, 'status');
}

/** The number that a number or a percentage of `total` means. */
export function resolveIntOrPercent(value: IntOrPercent, total: number, round: 'ceil' | 'floor'): number {
  if (typeof value === 'number') return value;
  return Math[round]((Number.parseFloat(value) * total) / 100) || 0;
}

/** As Kubernetes writes times: whole seconds, UTC. */
export function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

/** The first number that differs decides. */
export function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** A selector that selects by nothing selects everything; no selector selects nothing. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => meets(labels, requirement))
  );
}

/** One requirement of a label selector or of a node affinity. What is not known is not met. */
export function meets(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}
