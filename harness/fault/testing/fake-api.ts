import type { ApiClient, KubeObject, ObjectRef } from '../../cluster/client.ts';

/** An API server whose objects live in a list. */
export interface FakeApi extends ApiClient {
  readonly objects: KubeObject[];
  /** Every call in order, for example `delete PodChaos chaos-mesh/x`; those that were refused too. */
  readonly calls: string[];
  setUp(up: boolean): void;
  /** Removes objects as a controller would, finalizers or not. */
  remove(kind: string, name: string): void;
  /** Adds to an object or changes it. */
  merge(kind: string, name: string, change: Partial<KubeObject>): void;
}

export function fakeApi(
  onCreate: (object: KubeObject) => void,
  onPatch: (ref: ObjectRef, patch: Readonly<Record<string, unknown>>) => void = () => undefined,
): FakeApi {
  const objects: KubeObject[] = [];
  const calls: string[] = [];
  let isUp = true;
  const called = (verb: string, { kind, namespace, name }: ObjectRef): void => {
    calls.push(`${verb} ${kind} ${namespace ?? ''}/${name}`);
    if (!isUp) throw new Error('connect ECONNREFUSED');
  };
  const indexOf = (ref: Pick<ObjectRef, 'kind' | 'name'>): number => objects.findIndex((one) => isNamed(one, ref));
  const api: FakeApi = {
    objects,
    calls,
    setUp: (up) => {
      isUp = up;
    },
    remove: (kind, name) => {
      objects.splice(0, Infinity, ...objects.filter((one) => !isNamed(one, { kind, name })));
    },
    merge: (kind, name, change) => {
      const index = indexOf({ kind, name });
      if (objects[index]) objects[index] = { ...objects[index], ...change };
    },
    ready: async () => isUp,
    get: async (ref) => {
      called('get', ref);
      return objects[indexOf(ref)];
    },
    list: async ({ kind, namespace, labelSelector }) => {
      called('list', { apiVersion: '', kind, name: labelSelector ?? '', namespace: namespace ?? '' });
      return objects.filter(
        (one) => one.kind === kind && one.metadata.namespace === namespace && matches(one, labelSelector ?? ''),
      );
    },
    create: async (object) => {
      called('create', { ...object, name: object.metadata.name });
      objects.push(object);
      onCreate(object);
      return object;
    },
    delete: async (ref) => {
      called('delete', ref);
      const old = objects[indexOf(ref)];
      if (!old) return;
      if ((old.metadata.finalizers ?? []).length > 0)
        api.merge(ref.kind, ref.name, { metadata: { ...old.metadata, deletionTimestamp: 'now' } });
      else api.remove(ref.kind, ref.name);
    },
    apply: async (object) => replaced(api, object),
    patch: async (ref, patch) => {
      called('patch', ref);
      const old = objects[indexOf(ref)];
      onPatch(ref, patch);
      return old ?? (await notUsed());
    },
  };
  return api;
}

function replaced(api: FakeApi, object: KubeObject): KubeObject {
  api.remove(object.kind, object.metadata.name);
  api.objects.push(object);
  return object;
}

function isNamed({ kind, metadata }: KubeObject, ref: Pick<ObjectRef, 'kind' | 'name'>): boolean {
  return kind === ref.kind && metadata.name === ref.name;
}

async function notUsed(): Promise<never> {
  throw new Error('not used here');
}

function matches(object: KubeObject, labelSelector: string): boolean {
  const wanted = labelSelector.split(',').filter((part) => part !== '');
  return wanted.every((part) => {
    const [key = '', value] = part.split('=');
    return object.metadata.labels?.[key] === value;
  });
}
