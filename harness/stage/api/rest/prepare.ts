import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from '../../client/types.ts';
import { admitPod } from '../kinds/admit-pod.ts';
import { applyDefaults } from '../kinds/defaults.ts';
import { specOf, type ServiceSpec } from '../kinds/fields.ts';
import { withClusterIp } from '../kinds/service-ip.ts';
import { withInitialStatus } from '../kinds/status.ts';
import { validate, validateChange } from '../kinds/validate.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { badRequest, conflict, invalid } from '../status.ts';
import { timestamp, type Api, type ApiRequest } from './api.ts';
import { recordOwnership } from './patches.ts';

/** Fields of metadata that only the server writes. */
const systemFields = [
  'uid',
  'creationTimestamp',
  'generation',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

interface Ownership {
  /** False when the object's `managedFields` were already made, by an apply. */
  readonly record: boolean;
  readonly subresource: string;
}

/** Who writes what kind. */
type Writer = Pick<ApiRequest, 'type' | 'manager'>;

/** A new object as it is stored. Call inside a write of the store. */
export function prepareCreate(api: Api, request: Writer, draft: KubeObject, ownership: Ownership): KubeObject {
  const { type } = request;
  const now = api.now();
  if (draft.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const metadata: ObjectMeta = {
    ...authorsFields(draft.metadata),
    uid: randomUUID(),
    creationTimestamp: timestamp(now),
    ...(hasGeneration(type) && { generation: 1 }),
  };
  const filled = applyDefaults(type, { ...draft, metadata });
  const admitted = withInitialStatus(type, admit(api, type, filled), now);
  validate(type, admitted);
  return ownership.record ? recordOwnership(request, undefined, admitted, ownership.subresource, now) : admitted;
}

function admit(api: Api, type: ResourceType, object: KubeObject): KubeObject {
  const { namespace = '' } = object.metadata;
  switch (storageKey(type)) {
    case 'pods':
      if (!api.admitsServiceAccounts) return object;
      return admitPod(object, (name) => api.store.find({ resource: 'serviceaccounts', namespace, name }));
    case 'services':
      return withClusterIp(api.services, object, api.store.list('services'));
    case 'namespaces':
      return { ...object, spec: { finalizers: ['kubernetes'] } };
    default:
      return object;
  }
}

/**
 * What an update makes of an object: `current` itself when it changes nothing. Throws 409 when it was made from another version.
 * Call inside a write of the store.
 */
export function prepareUpdate(
  api: Api,
  request: ApiRequest,
  current: KubeObject,
  wanted: KubeObject,
  ownership: Ownership,
): KubeObject {
  const { type } = request;
  checkVersion(type, current, wanted);
  const merged = mergeBySubresource(type, current, wanted, request.info.subresource);
  const metadata = { ...authorsFields(merged.metadata), ...serversFields(current.metadata) };
  const filled = { ...applyDefaults(type, { ...merged, metadata }), ...statusOnly(merged) };
  const checked = storageKey(type) === 'services' ? withServiceAddress(api, current, filled) : filled;
  validate(type, checked);
  validateChange(type, current, checked);
  const next = withGeneration(type, current, checked);
  const owned = ownership.record ? recordOwnership(request, current, next, ownership.subresource, api.now()) : next;
  return isSame(current, owned) ? current : owned;
}

function checkVersion(type: ResourceType, { metadata: now }: KubeObject, { metadata: given }: KubeObject): void {
  const { name } = now;
  if (given.uid && given.uid !== now.uid) {
    const problem = `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${now.uid}`;
    throw conflict(type, name, problem);
  }
  if (!given.resourceVersion) {
    if (allowsUnconditional(type)) return;
    const message = 'Invalid value: 0: must be specified for an update';
    throw invalid(type, name, [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message }]);
  }
  if (given.resourceVersion !== now.resourceVersion) {
    throw conflict(
      type,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

/** Custom objects and leases must say which version they were made from. */
function allowsUnconditional({ group }: ResourceType): boolean {
  return group === '' || group === 'apps' || group.startsWith('rbac.') || group.startsWith('discovery.');
}

/** A write through a subresource changes only its part; a write of the object leaves the status alone. */
function mergeBySubresource(
  type: ResourceType,
  current: KubeObject,
  next: KubeObject,
  subresource: string,
): KubeObject {
  const { status: _old, ...withoutOld } = current;
  const { status: _new, ...withoutNew } = next;
  switch (subresource) {
    case 'status': {
      const { labels: _labels, annotations: _annotations, ...metadata } = current.metadata;
      const { labels, annotations } = next.metadata;
      const own = { ...metadata, ...(labels && { labels }), ...(annotations && { annotations }) };
      return { ...withoutOld, metadata: withFields(own, next), ...statusOnly(next) };
    }
    case 'finalize':
      return { ...current, spec: next['spec'] ?? {} };
    default:
      if (!type.subresources.includes('status')) return next;
      return { ...withoutNew, ...statusOnly(current), ...(type.kind === 'Namespace' && { spec: current['spec'] }) };
  }
}

function withFields(metadata: ObjectMeta, { metadata: { managedFields } }: KubeObject): ObjectMeta {
  return managedFields ? { ...metadata, managedFields } : metadata;
}

function statusOnly(object: KubeObject): { status?: unknown } {
  return object['status'] === undefined ? {} : { status: object['status'] };
}

function authorsFields(metadata: ObjectMeta): ObjectMeta {
  const own = Object.entries(metadata).filter(([field]) => !(systemFields as readonly string[]).includes(field));
  return Object.fromEntries(own) as unknown as ObjectMeta;
}

function serversFields(metadata: ObjectMeta): Partial<ObjectMeta> {
  const set = systemFields.filter((field) => metadata[field] !== undefined);
  return Object.fromEntries(set.map((field) => [field, metadata[field]]));
}

/** Who replaces a service need not repeat its address. */
function withServiceAddress(api: Api, current: KubeObject, next: KubeObject): KubeObject {
  const old = specOf<ServiceSpec>(current);
  const spec = specOf<ServiceSpec>(next);
  const clusterIP = spec.clusterIP || (spec.type === old.type ? old.clusterIP : undefined);
  const kept = clusterIP === undefined ? next : { ...next, spec: { ...spec, clusterIP } };
  return withClusterIp(api.services, kept, api.store.list('services'));
}

function hasGeneration({ group, plural }: ResourceType): boolean {
  if (group === '') return plural === 'pods';
  return group !== 'coordination.k8s.io' && !group.startsWith('rbac.');
}

function withGeneration(type: ResourceType, current: KubeObject, next: KubeObject): KubeObject {
  if (!hasGeneration(type) || isDeepStrictEqual(desired(type, current), desired(type, next))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } };
}

/** What the author wants: all but metadata, and the status where it has its own way in. */
function desired(type: ResourceType, { metadata: _metadata, status, ...rest }: KubeObject): object {
  return type.subresources.includes('status') ? rest : { ...rest, status };
}

/** The time in `managedFields` alone is no change. */
function isSame(current: KubeObject, next: KubeObject): boolean {
  return isDeepStrictEqual(withoutTimes(current), withoutTimes(next));
}

function withoutTimes(object: KubeObject): object {
  const managedFields = object.metadata.managedFields?.map((entry) => ({ ...(entry as object), time: '' }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}
