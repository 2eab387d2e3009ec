import type { KubeObject } from '../../client/types.ts';
import { specOf, statusOf, type PodSpec } from '../kinds/fields.ts';
import { customTypes, storageKey, type ResourceType } from '../resources.ts';
import { conflict, forbidden, methodNotAllowed, notFound } from '../status.ts';
import { refOf, success, timestamp, type Answer, type Api, type ApiRequest } from './api.ts';
import { readDeleteOptions, type DeleteOptions } from './delete-options.ts';
import { selectObjects } from './select-objects.ts';

/** Finalizers by which the garbage collector is asked to see to the dependents first. */
const byPolicy = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;
const mirror = 'kubernetes.io/config.mirror';
const immortal = ['default', 'kube-system', 'kube-public'];

export function remove(api: Api, request: ApiRequest): Answer {
  const { type, info } = request;
  if (type.namespaced && info.namespace === '') throw methodNotAllowed();
  const { object, deleted } = removeOne(api, request, info.name, readDeleteOptions(request));
  return { code: 200, object: deleted && type.kind !== 'Pod' ? success(type, object) : object };
}

/** Deletes everything that the selectors of the request match. */
export function removeCollection(api: Api, request: ApiRequest): Answer {
  const { type, info } = request;
  if (type.namespaced && info.namespace === '') throw methodNotAllowed();
  const options = readDeleteOptions(request);
  api.store.sync();
  const items = selectObjects(request, api.store.list(storageKey(type)));
  for (const { metadata } of items) {
    try {
      removeOne(api, request, metadata.name, options);
    } catch (problem) {
      // Somebody else was quicker.
      if ((problem as { code?: unknown }).code !== 404) throw problem;
    }
  }
  const metadata = { resourceVersion: String(api.store.revision()) };
  return { code: 200, object: { kind: `${type.kind}List`, apiVersion: items[0]?.apiVersion ?? 'v1', metadata, items } };
}

/** Deletes an object, or marks it for those who have to do something first. Throws 404 and, for preconditions, 409. */
export function removeOne(
  api: Api,
  request: ApiRequest,
  name: string,
  options: DeleteOptions,
): { object: KubeObject; deleted: boolean } {
  const { type } = request;
  if (type.kind === 'Namespace' && immortal.includes(name)) {
    throw forbidden(`namespaces "${name}" is forbidden: this namespace may not be deleted`, {
      name,
      kind: 'namespaces',
    });
  }
  const { object, deleted } = api.store.write(
    refOf(request, name),
    (current) => {
      if (!current) throw notFound(type, name);
      checkPreconditions(type, current, options);
      return markDeleted(type, current, options, api.now());
    },
    options.dryRun,
  );
  if (!object) throw notFound(type, name);
  if (deleted && !options.dryRun && type.kind === 'CustomResourceDefinition') removeCustomObjects(api, object);
  return { object, deleted };
}

function checkPreconditions(
  type: ResourceType,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const refuse = (field: string, wanted: string, found = ''): never => {
    const problem = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`;
    throw conflict(type, metadata.name, problem);
  };
  if (uid !== undefined && uid !== metadata.uid) refuse('UID', uid, metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    refuse('ResourceVersion', resourceVersion, metadata.resourceVersion);
  }
}

/** Undefined when it can go at once; itself when nothing new is asked for. */
function markDeleted(
  type: ResourceType,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): KubeObject | undefined {
  const finalizers = finalizersAfter(object, options);
  const old = object.metadata.deletionGracePeriodSeconds;
  const grace = type.kind === 'Pod' ? graceOf(object, options) : 0;
  const { deletionTimestamp } = object.metadata;
  if (grace === 0 && finalizers.length === 0 && !hasSpecFinalizers(object)) return undefined;
  if (deletionTimestamp !== undefined && old !== undefined && (options.gracePeriodSeconds ?? old) >= old) return object;
  // Counted from when it was first asked for.
  const since = deletionTimestamp === undefined ? now.getTime() : Date.parse(deletionTimestamp) - (old ?? 0) * 1_000;
  const { generation, finalizers: _replaced, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(generation !== undefined && { generation: generation + 1 }),
      ...(finalizers.length > 0 && { finalizers }),
      deletionTimestamp: timestamp(new Date(since + grace * 1_000)),
      deletionGracePeriodSeconds: grace,
    },
    ...(type.kind === 'Namespace' && { status: { ...statusOf(object), phase: 'Terminating' } }),
  };
}

function finalizersAfter(
  { metadata: { finalizers = [] } }: KubeObject,
  { propagationPolicy }: DeleteOptions,
): string[] {
  if (propagationPolicy === undefined) return finalizers;
  const others = finalizers.filter((one) => one !== byPolicy.Foreground && one !== byPolicy.Orphan);
  return propagationPolicy === 'Background' ? others : [...others, byPolicy[propagationPolicy]];
}

/** Seconds that a pod has to end. None when no node runs it, when it has ended, and for the shadow of a static pod. */
function graceOf(pod: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const { nodeName = '', terminationGracePeriodSeconds = 30 } = specOf<PodSpec>(pod);
  const { phase } = statusOf<{ phase: string }>(pod);
  const ended = phase === 'Succeeded' || phase === 'Failed';
  if (nodeName === '' || ended || pod.metadata.annotations?.[mirror] !== undefined) return 0;
  return gracePeriodSeconds ?? terminationGracePeriodSeconds;
}

function hasSpecFinalizers(object: KubeObject): boolean {
  return object.kind === 'Namespace' && (specOf<{ finalizers: string[] }>(object).finalizers?.length ?? 0) > 0;
}

/** With a kind go its objects, whatever their finalizers. */
function removeCustomObjects(api: Api, definition: KubeObject): void {
  const [type] = customTypes(definition);
  if (!type) return;
  const resource = storageKey(type);
  for (const { metadata } of api.store.list(resource)) {
    api.store.write({ resource, namespace: metadata.namespace ?? '', name: metadata.name }, () => undefined);
  }
}
