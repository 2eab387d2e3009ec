/** What a written object becomes before it is stored. To be called inside a write of the store. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from '../../client/types.ts';
import { isMap, mapEntries, withoutNulls, type JsonMap } from '../json.ts';
import { admitPod, withClusterIp } from '../kinds/admit.ts';
import { applyDefaults, withInitialStatus } from '../kinds/defaults.ts';
import { checkShape } from '../kinds/shape.ts';
import { specOf, type ServiceSpec } from '../kinds/types.ts';
import { validate, validateChange } from '../kinds/validate.ts';
import { recordUpdate, timeOf } from '../patch/server-side-apply.ts';
import { readValue } from '../request/body.ts';
import { apiVersionOf, storageKey, type ResourceType } from '../resources.ts';
import { badRequest, conflict, invalid, wrong } from '../status.ts';
import { requireSame, type Api, type ApiRequest } from './api.ts';

/** Fields of metadata that only the server writes. */
const serverOwned =
  `uid creationTimestamp generation resourceVersion deletionTimestamp deletionGracePeriodSeconds`.split(' ');

function withServerFields(metadata: ObjectMeta, from: Partial<ObjectMeta>): ObjectMeta {
  const own = Object.fromEntries(serverOwned.map((field) => [field, from[field as keyof ObjectMeta]]));
  return defined({ ...metadata, ...own });
}

/** Without the fields that are undefined: nobody is to see a difference between those and none. */
function defined<T extends object>(map: T): T {
  return mapEntries(map as JsonMap, (value) => value) as T;
}

/** @param applied says that the object's `managedFields` were already made, by an apply. */
export function prepareCreate(
  api: Api,
  { type, manager }: Pick<ApiRequest, 'type' | 'manager'>,
  draft: KubeObject,
  applied = false,
): KubeObject {
  const now = new Date();
  const creationTimestamp = timeOf(now);
  if (draft.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const own = { uid: randomUUID(), creationTimestamp, ...(hasGeneration(type) && { generation: 1 }) };
  const filled = applyDefaults(type, { ...draft, metadata: withServerFields(draft.metadata, own) });
  const after = withInitialStatus(type, admit(api, filled), creationTimestamp);
  validate(type, after);
  return applied ? after : recordUpdate(undefined, after, { manager, subresource: '', now });
}

function admit({ store, servicePrefix }: Api, object: KubeObject): KubeObject {
  const { namespace = '' } = object.metadata;
  switch (`${object.apiVersion} ${object.kind}`) {
    case 'v1 Pod':
      return admitPod(object, (name) => store.find({ resource: 'serviceaccounts', namespace, name }));
    case 'v1 Service':
      return withClusterIp(servicePrefix, object, store.list('services'));
    case 'v1 Namespace':
      return { ...object, spec: { finalizers: ['kubernetes'] } };
    default:
      return object;
  }
}

/** What an update makes of an object: `current` itself when it changes nothing. Throws 409 for an old version. */
export function prepareUpdate(
  api: Api,
  { type, manager, info: { subresource } }: ApiRequest,
  current: KubeObject,
  wanted: KubeObject,
  applied: boolean,
): KubeObject {
  checkVersion(type, current, wanted);
  const merged = defined(mergeBySubresource(type, current, wanted, subresource));
  const filled = applyDefaults(type, { ...merged, metadata: withServerFields(merged.metadata, current.metadata) });
  const checked = storageKey(type) === 'services' ? withServiceAddress(api, current, filled) : filled;
  validate(type, checked);
  validateChange(type, current, checked);
  const after = withGeneration(type, current, checked);
  const next = applied ? after : recordUpdate(current, after, { manager, subresource, now: new Date() });
  return isDeepStrictEqual(withoutTimes(current), withoutTimes(next)) ? current : next;
}

function checkVersion(type: ResourceType, current: KubeObject, { metadata: given }: KubeObject): void {
  const { name, resourceVersion } = current.metadata;
  requireSame(type, current, 'uid', given.uid);
  // Custom objects and leases must say which version they were made from.
  const isFree = ['', 'apps', 'rbac.authorization.k8s.io', 'discovery.k8s.io'].includes(type.group);
  if (!given.resourceVersion && !isFree) {
    throw invalid(type, name, [wrong('metadata.resourceVersion', '0: must be specified for an update')]);
  }
  if (given.resourceVersion && given.resourceVersion !== resourceVersion) {
    const advice = 'please apply your changes to the latest version and try again';
    throw conflict(type, name, `the object has been modified; ${advice}`);
  }
}

/** A write through a subresource changes only its part; a write of the object leaves the status alone. */
function mergeBySubresource(type: ResourceType, current: KubeObject, next: KubeObject, way: string): KubeObject {
  if (way === 'finalize') return { ...current, spec: next['spec'] ?? {} };
  if (way === 'status') {
    const { labels, annotations, managedFields = current.metadata.managedFields } = next.metadata;
    const metadata = { ...current.metadata, labels, annotations, managedFields } as ObjectMeta;
    return { ...current, metadata, status: next['status'] };
  }
  if (!type.subresources.includes('status')) return next;
  return { ...next, ...(type.kind === 'Namespace' && { spec: current['spec'] }), status: current['status'] };
}

/** Who replaces a service need not repeat its address. */
function withServiceAddress({ servicePrefix, store }: Api, current: KubeObject, next: KubeObject): KubeObject {
  const spec = specOf<ServiceSpec>(next);
  const clusterIP = spec.clusterIP || specOf<ServiceSpec>(current).clusterIP || '';
  return withClusterIp(servicePrefix, { ...next, spec: { ...spec, clusterIP } }, store.list('services'));
}

function hasGeneration({ group, kind }: ResourceType): boolean {
  return group === '' ? kind === 'Pod' : group !== 'coordination.k8s.io' && !group.startsWith('rbac.');
}

function withGeneration(type: ResourceType, current: KubeObject, next: KubeObject): KubeObject {
  // What the author wants: all but metadata, and the status where it has its own way in.
  const desired = ({ metadata: _metadata, status, ...rest }: KubeObject): object =>
    type.subresources.includes('status') ? rest : { ...rest, status };
  if (!hasGeneration(type) || isDeepStrictEqual(desired(current), desired(next))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } };
}

/** The time in `managedFields` alone is no change. */
function withoutTimes(object: KubeObject): object {
  const managedFields = object.metadata.managedFields?.map((entry) => ({ ...(entry as object), time: '' }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The body of a POST or PUT as an object of the request's type. */
export function readBodyObject(request: ApiRequest): KubeObject {
  return toObject(request, readValue(request));
}

/** Throws 400 for what is not an object of that type, of that namespace, and of that name where the request has one. */
export function toObject({ type, info }: ApiRequest, value: unknown): KubeObject {
  if (!isMap(value)) throw badRequest(`the body of the request is not an object of kind ${type.kind}`);
  const expected = apiVersionOf(type);
  const { apiVersion = expected, kind = type.kind, metadata: given = {}, ...rest } = withoutNulls(value);
  if (apiVersion !== expected || kind !== type.kind) {
    const data = `the API version in the data (${JSON.stringify(apiVersion)}, Kind=${JSON.stringify(kind)})`;
    throw badRequest(`${data} does not match the expected API version (${expected}, Kind=${type.kind})`);
  }
  const object = { apiVersion, kind, metadata: given as ObjectMeta, ...rest };
  checkShape(type, object);
  const { namespace, ...metadata } = object.metadata;
  if (info.name !== '' && metadata.name !== info.name) {
    const names = `the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`;
    throw badRequest(names);
  }
  if (!type.namespaced) return { ...object, metadata };
  if (namespace && namespace !== info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, metadata: { ...metadata, namespace: info.namespace } };
}
