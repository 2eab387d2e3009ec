import type { KubeObject } from '../../client/types.ts';
import { serverSideApply } from '../patch/server-side-apply.ts';
import { parseJson } from '../request/body.ts';
import { isTrue } from '../request/request-info.ts';
import { badRequest, invalid, methodNotAllowed } from '../status.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { requireActiveNamespace } from './create.ts';
import { applyPatch, applyType, checkPatchType } from './patches.ts';
import { prepareCreate } from './prepare.ts';
import { toObject } from './read-object.ts';
import { change } from './update.ts';

export function patch(api: Api, request: ApiRequest): Answer {
  const { info, type, contentType } = request;
  if (info.name === '' || (type.namespaced && info.namespace === '')) throw methodNotAllowed();
  checkPatchType(request);
  const given = parseJson(request.body);
  if (contentType === applyType) return apply(api, request, given);
  const object = change(api, request, (current) =>
    named(request, toObject(type, info.namespace, applyPatch(request, given, current))),
  );
  return { code: 200, object };
}

function named(request: ApiRequest, object: KubeObject): KubeObject {
  const { name } = request.info;
  if (object.metadata.name === name) return object;
  throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
}

/** Server-side apply; creates what is not there. YAML bodies are read only as far as they are JSON, which kubectl sends. */
function apply(api: Api, request: ApiRequest, given: unknown): Answer {
  const { info, type } = request;
  const manager = managerOfApply(request);
  const force = isTrue(info.query.get('force'));
  const applied = writable(request, named(request, toObject(type, info.namespace, given)));
  const make = (live: KubeObject | undefined): KubeObject => {
    const { subresource } = info;
    const way = subresource === '' ? {} : { subresource };
    return serverSideApply({ live, applied, manager, force, ...way, now: api.now() });
  };
  let code = 200;
  const create = (): KubeObject => {
    code = 201;
    requireActiveNamespace(api.store, type, info.namespace, info.name);
    return prepareCreate(api, request, make(undefined), { record: false, subresource: '' });
  };
  const object = change(api, request, make, { record: false, ...(info.subresource === '' && { create }) });
  return { code, object };
}

/** What this way in does not write cannot be owned through it. */
function writable({ info, type }: ApiRequest, applied: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, status, ...rest } = applied;
  const head = { apiVersion, kind, metadata };
  if (info.subresource === 'status') return status === undefined ? head : { ...head, status };
  const keepsStatus = status !== undefined && !type.subresources.includes('status');
  return { ...head, ...rest, ...(keepsStatus && { status }) };
}

function managerOfApply({ info }: ApiRequest): string {
  const manager = info.query.get('fieldManager');
  if (manager) return manager;
  throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
    { reason: 'FieldValueRequired', field: 'fieldManager', message: 'Required value: is required for apply patch' },
  ]);
}
