import type { KubeObject } from '../../client/types.ts';
import { badRequest, methodNotAllowed, notFound } from '../status.ts';
import { refOf, type Answer, type Api, type ApiRequest } from './api.ts';
import { prepareUpdate } from './prepare.ts';
import { readBodyObject } from './read-object.ts';

export function update(api: Api, request: ApiRequest): Answer {
  const { info, type } = request;
  if (info.name === '' || (type.namespaced && info.namespace === '')) throw methodNotAllowed();
  const wanted = readBodyObject(request);
  if (wanted.metadata.name !== info.name) {
    throw badRequest(
      `the name of the object (${wanted.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  return { code: 200, object: change(api, request, () => wanted) };
}

interface ChangeOptions {
  /** False when the object's `managedFields` are made by `make`. */
  readonly record?: boolean;
  /** What `managedFields` says the way in was. Default: the one of the request. */
  readonly subresource?: string;
  /** Makes what is not there. Default: 404. */
  readonly create?: () => KubeObject;
}

/** Changes an object; `make` gets its newest state. */
export function change(
  api: Api,
  request: ApiRequest,
  make: (current: KubeObject) => KubeObject,
  options: ChangeOptions = {},
): KubeObject {
  const { info, type, dryRun } = request;
  const { record = true, subresource = info.subresource, create } = options;
  let result: KubeObject | undefined;
  const { object, deleted } = api.store.write(
    refOf(request),
    (current) => {
      if (!current && create) return create();
      if (!current) throw notFound(type, info.name);
      result = prepareUpdate(api, request, current, make(current), { record, subresource });
      return mayGo(result) ? undefined : result;
    },
    dryRun,
  );
  const answer = deleted ? result : object;
  if (!answer) throw notFound(type, info.name);
  return answer;
}

/** An object that is being deleted goes with its last finalizer; a pod that still has time goes when its node says so. */
function mayGo({ metadata, kind, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers?.length ?? 0) > 0) return false;
  if (kind === 'Namespace' && ((spec as { finalizers?: string[] } | undefined)?.finalizers?.length ?? 0) > 0)
    return false;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
