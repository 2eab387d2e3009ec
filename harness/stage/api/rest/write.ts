/** POST, PUT and PATCH. */
import type { KubeObject } from '../../client/types.ts';
import { textAt } from '../json.ts';
import { randomSuffix } from '../kinds/admit.ts';
import { jsonPatch, mergePatch } from '../patch/json-patch.ts';
import { serverSideApply } from '../patch/server-side-apply.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { parseJson } from '../request/body.ts';
import { isTrue } from '../request/request-info.ts';
import { builtIn, isBuiltIn, storageKey } from '../resources.ts';
import { ApiStatus, detailsOf, forbidden, invalid, notFound, required, unsupportedMediaType } from '../status.ts';
import { refOf, requirePath, type Answer, type Api, type ApiRequest } from './api.ts';
import { prepareCreate, prepareUpdate, readBodyObject, toObject } from './prepare.ts';

const applyType = 'application/apply-patch+yaml';
const strategicType = 'application/strategic-merge-patch+json';
const patches = new Map([
  ['application/json-patch+json', jsonPatch],
  ['application/merge-patch+json', mergePatch],
  [strategicType, strategicMergePatch],
]);

export function create(api: Api, request: ApiRequest): Answer {
  requirePath(request, false);
  const { type } = request;
  const draft = readBodyObject(request);
  const { name: given, generateName } = draft.metadata;
  if (!given && !generateName) {
    throw invalid(type, '', [required('metadata.name', 'name or generateName is required')]);
  }
  const name = given || `${generateName}${randomSuffix()}`;
  const { object } = api.store.write(refOf(request, name), (current) => {
    if (current) {
      const message = `${storageKey(type)} "${name}" already exists`;
      throw new ApiStatus(409, 'AlreadyExists', message, detailsOf(type, name));
    }
    requireActiveNamespace(api, request, name);
    return prepareCreate(api, request, { ...draft, metadata: { ...draft.metadata, name } });
  });
  return { code: 201, object: object ?? draft };
}

/** Nothing is created in a namespace that is not there (404) or that is going away (403). */
function requireActiveNamespace({ store }: Api, { type, info: { namespace } }: ApiRequest, name: string): void {
  if (!type.namespaced) return;
  const found = store.find({ resource: 'namespaces', namespace: '', name: namespace });
  if (!found) throw notFound(builtIn('namespaces'), namespace);
  if (textAt(found, 'status.phase') !== 'Terminating') return;
  const message = `namespace ${namespace} is being terminated`;
  const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }];
  const problem = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(`${storageKey(type)} "${name}" is forbidden: ${problem}`, { ...detailsOf(type, name), causes });
}

export function update(api: Api, request: ApiRequest): Answer {
  requirePath(request, true);
  const wanted = readBodyObject(request);
  return { code: 200, object: change(api, request, () => wanted) };
}

export function patch(api: Api, request: ApiRequest): Answer {
  requirePath(request, true);
  if (request.contentType === applyType) return apply(api, request);
  const patched = readPatch(request);
  return { code: 200, object: change(api, request, (current) => toObject(request, patched(current))) };
}

/** What the body does to an object. Throws 415 for a type of patch that the kind does not have. */
export function readPatch({ contentType, type, body }: ApiRequest): (object: KubeObject) => KubeObject {
  const types = [applyType, ...patches.keys()].filter((one) => one !== strategicType || isBuiltIn(type));
  const patchOf = patches.get(contentType);
  if (!patchOf || !types.includes(contentType)) throw unsupportedMediaType(types);
  const given = parseJson(body);
  return (object) => patchOf(object, given);
}

/** Server-side apply; creates what is not there. Of YAML only JSON is read, which is what kubectl sends. */
function apply(api: Api, request: ApiRequest): Answer {
  const { query, name, subresource } = request.info;
  const manager = query.get('fieldManager');
  if (!manager) {
    const cause = required('fieldManager', 'is required for apply patch');
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [cause]);
  }
  const force = isTrue(query.get('force'));
  const applied = writable(request, toObject(request, parseJson(request.body)));
  const make = (live: KubeObject | undefined): KubeObject =>
    serverSideApply(live, applied, { manager, subresource, now: new Date() }, force);
  let code = 200;
  const createIt = (): KubeObject => {
    code = 201;
    requireActiveNamespace(api, request, name);
    return prepareCreate(api, request, make(undefined), true);
  };
  const object = change(api, request, make, true, subresource === '' ? createIt : undefined);
  return { code, object };
}

/** What this way in does not write cannot be owned through it. */
function writable({ info, type }: ApiRequest, { status, ...applied }: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = applied;
  const withStatus = status !== undefined && { status };
  if (info.subresource === 'status') return { apiVersion, kind, metadata, ...withStatus };
  return { ...applied, ...(!type.subresources.includes('status') && withStatus) };
}

/**
 * Changes an object; `make` gets its newest state.
 * @param applied says that `make` also makes the `managedFields`.
 * @param createIt makes what is not there. Default: 404.
 */
export function change(
  api: Api,
  request: ApiRequest,
  make: (current: KubeObject) => KubeObject,
  applied = false,
  createIt?: () => KubeObject,
): KubeObject {
  let result: KubeObject | undefined;
  const { object, deleted } = api.store.write(refOf(request), (current) => {
    if (!current && createIt) return createIt();
    if (!current) throw notFound(request.type, request.info.name);
    result = prepareUpdate(api, request, current, make(current), applied);
    return mayGo(result) ? undefined : result;
  });
  const answer = deleted ? result : object;
  if (!answer) throw notFound(request.type, request.info.name);
  return answer;
}

/** An object that is being deleted goes with its last finalizer; a pod not before its node says so. */
function mayGo({ metadata, kind, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers?.length ?? 0) > 0) return false;
  const { finalizers = [] } = (spec ?? {}) as { finalizers?: string[] };
  return (kind !== 'Namespace' || finalizers.length === 0) && (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
