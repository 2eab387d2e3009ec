import type { KubeObject } from '../../client/types.ts';
import { at, isMap, listAt, textAt } from '../json.ts';
import { isMirror } from '../kinds/admit.ts';
import { specOf, type PodSpec } from '../kinds/types.ts';
import { timeOf } from '../patch/server-side-apply.ts';
import { readValue } from '../request/body.ts';
import { customType, storageKey } from '../resources.ts';
import { ApiStatus, badRequest, detailsOf, forbidden, invalid, notFound, success, unsupported } from '../status.ts';
import { refOf, requirePath, requireSame, type Answer, type Api, type ApiRequest } from './api.ts';
import { parseSelection } from './select.ts';

/** Finalizers by which the garbage collector is asked to see to the dependents first. */
const finalizers = new Map([
  ['Background', ''],
  ['Foreground', 'foregroundDeletion'],
  ['Orphan', 'orphan'],
]);
const immortal = ['default', 'kube-system', 'kube-public'];

/** `uid` and `resourceVersion` are preconditions, or ''. */
type DeleteOptions = ReturnType<typeof readDeleteOptions>;

export function remove(api: Api, request: ApiRequest): Answer {
  requirePath(request, true);
  const { type, info } = request;
  const { object, deleted } = removeOne(api, request, info.name, optionsOf(request));
  if (!deleted || type.kind === 'Pod') return { code: 200, object };
  return success(200, { ...detailsOf(type, info.name), uid: object.metadata.uid });
}

/** Deletes everything that the selectors of the request match. */
export function removeCollection(api: Api, request: ApiRequest): Answer {
  requirePath(request, false);
  const options = optionsOf(request);
  const { store } = api;
  store.sync();
  const items = store.list(storageKey(request.type)).filter(parseSelection(request) ?? (() => true));
  for (const { metadata } of items) {
    try {
      removeOne(api, request, metadata.name, options);
    } catch (problem) {
      // Somebody else was quicker.
      if (!(problem instanceof ApiStatus) || problem.code !== 404) throw problem;
    }
  }
  const metadata = { resourceVersion: String(store.revision()) };
  return { code: 200, object: { kind: `${request.type.kind}List`, apiVersion: 'v1', metadata, items } };
}

/** A delete that could be refused by a disruption budget, of which there are none here. */
export function evict(api: Api, request: ApiRequest): Answer {
  const options = at(readValue(request), 'deleteOptions') ?? {};
  removeOne(api, request, request.info.name, readDeleteOptions(options, request.info.query));
  return success(201);
}

function optionsOf(request: ApiRequest): DeleteOptions {
  return readDeleteOptions(request.body.length === 0 ? {} : readValue(request), request.info.query);
}

function readDeleteOptions(given: unknown, query: URLSearchParams) {
  if (!isMap(given)) throw badRequest('the body of a delete must be DeleteOptions');
  if (given['dryRun'] !== undefined) throw badRequest('dryRun is not supported');
  const grace = given['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds') ?? undefined;
  const policy = given['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  if (grace !== undefined && !Number.isSafeInteger(Number(grace))) throw badRequest('gracePeriodSeconds: no integer');
  if (policy !== undefined && !(typeof policy === 'string' && finalizers.has(policy))) {
    const cause = unsupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan']);
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [cause]);
  }
  return {
    // A negative grace is one second, as in Kubernetes.
    graceS: grace === undefined ? undefined : Number(grace) < 0 ? 1 : Number(grace),
    policy,
    uid: textAt(given, 'preconditions.uid'),
    resourceVersion: textAt(given, 'preconditions.resourceVersion'),
  };
}

/** Deletes an object, or marks it for those who have to do something first. Throws 404 and, for preconditions, 409. */
function removeOne(
  api: Api,
  request: ApiRequest,
  name: string,
  options: DeleteOptions,
): { object: KubeObject; deleted: boolean } {
  const { type } = request;
  if (type.kind === 'Namespace' && immortal.includes(name)) {
    const message = `namespaces "${name}" is forbidden: this namespace may not be deleted`;
    throw forbidden(message, detailsOf(type, name));
  }
  const { object, deleted } = api.store.write(refOf(request, name), (current) => {
    if (!current) throw notFound(type, name);
    requireSame(type, current, 'uid', options.uid);
    requireSame(type, current, 'resourceVersion', options.resourceVersion);
    return markDeleted(current, options, new Date());
  });
  if (!object) throw notFound(type, name);
  if (deleted && type.kind === 'CustomResourceDefinition') removeCustomObjects(api, object);
  return { object, deleted };
}

/** Undefined when it can go at once; itself when nothing new is asked for. */
function markDeleted(object: KubeObject, { graceS, policy }: DeleteOptions, now: Date): KubeObject | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds: old, generation, finalizers: held = [] } = object.metadata;
  const asked = [...finalizers.values()];
  const own = finalizers.get(policy ?? '') || [];
  const waitsFor = policy === undefined ? held : held.filter((one) => !asked.includes(one)).concat(own);
  const isNamespace = object.kind === 'Namespace';
  const grace = object.kind === 'Pod' ? graceOf(object, graceS) : 0;
  const isFinal = !isNamespace || listAt(object, 'spec.finalizers').length === 0;
  if (grace === 0 && waitsFor.length === 0 && isFinal) return undefined;
  if (deletionTimestamp !== undefined && old !== undefined && (graceS ?? old) >= old) return object;
  // Counted from when it was first asked for.
  const sinceMs = deletionTimestamp === undefined ? now.getTime() : Date.parse(deletionTimestamp) - (old ?? 0) * 1_000;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(generation !== undefined && { generation: generation + 1 }),
      finalizers: waitsFor,
      deletionTimestamp: timeOf(new Date(sinceMs + grace * 1_000)),
      deletionGracePeriodSeconds: grace,
    },
    ...(isNamespace && { status: { ...(object['status'] as object), phase: 'Terminating' } }),
  };
}

/** Seconds that a pod has to end. None when no node runs it, when it has ended, and for the shadow of a static pod. */
function graceOf(pod: KubeObject, graceS: number | undefined): number {
  const { nodeName = '', terminationGracePeriodSeconds = 30 } = specOf<PodSpec>(pod);
  const hasEnded = ['Succeeded', 'Failed'].includes(textAt(pod, 'status.phase'));
  return nodeName === '' || hasEnded || isMirror(pod) ? 0 : (graceS ?? terminationGracePeriodSeconds);
}

/** With a kind go its objects, whatever their finalizers. */
function removeCustomObjects({ store }: Api, definition: KubeObject): void {
  const resource = storageKey(customType(definition));
  for (const { metadata } of store.list(resource)) {
    store.write({ resource, namespace: metadata.namespace ?? '', name: metadata.name }, () => undefined);
  }
}
