import type { KubeObject } from '../../client/types.ts';
import { statusOf } from '../kinds/fields.ts';
import { randomSuffix } from '../kinds/random-suffix.ts';
import { builtIn, type ResourceType } from '../resources.ts';
import { alreadyExists, forbidden, invalid, methodNotAllowed, notFound, type ApiStatus } from '../status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { refOf, type Answer, type Api, type ApiRequest } from './api.ts';
import { prepareCreate } from './prepare.ts';
import { readBodyObject } from './read-object.ts';

/** How often another name is tried when the one that was made up is taken. */
const nameTries = 8;

export function create(api: Api, request: ApiRequest): Answer {
  const { info, type } = request;
  if (info.name !== '' || (type.namespaced && info.namespace === '')) throw methodNotAllowed();
  const draft = readBodyObject(request);
  const { name, generateName } = draft.metadata;
  if (name) return { code: 201, object: createNamed(api, request, draft) };
  if (!generateName) {
    const message = 'Required value: name or generateName is required';
    throw invalid(type, '', [{ reason: 'FieldValueRequired', field: 'metadata.name', message }]);
  }
  for (let tries = 1; ; tries++) {
    const named = { ...draft, metadata: { ...draft.metadata, name: `${generateName}${randomSuffix()}` } };
    if (tries === nameTries || !api.store.find(refOf(request, named.metadata.name))) {
      return { code: 201, object: createNamed(api, request, named) };
    }
  }
}

function createNamed(api: Api, request: ApiRequest, draft: KubeObject): object {
  const { type, info, dryRun } = request;
  const { name } = draft.metadata;
  const { object } = api.store.write(
    refOf(request, name),
    (current) => {
      if (current) throw alreadyExists(type, name);
      requireActiveNamespace(api.store, type, info.namespace, name);
      return prepareCreate(api, request, draft, { record: true, subresource: '' });
    },
    dryRun,
  );
  if (!object) throw notFound(type, name);
  return object;
}

/** Nothing is created in a namespace that is not there (404) or that is going away (403). */
export function requireActiveNamespace(
  store: Pick<ObjectStore, 'find'>,
  type: ResourceType,
  namespace: string,
  name: string,
): void {
  if (!type.namespaced) return;
  const found = store.find({ resource: 'namespaces', namespace: '', name: namespace });
  if (!found) throw notFound(builtIn('namespaces'), namespace);
  if (statusOf<{ phase: string }>(found).phase === 'Terminating') throw terminating(type, namespace, name);
}

function terminating(type: ResourceType, namespace: string, name: string): ApiStatus {
  const qualified = type.group === '' ? type.plural : `${type.plural}.${type.group}`;
  return forbidden(
    `${qualified} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      name,
      ...(type.group !== '' && { group: type.group }),
      kind: type.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}
