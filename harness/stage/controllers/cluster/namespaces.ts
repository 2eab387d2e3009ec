import { StatusError, hasCode } from '../../client/status-error.ts';
import { resourcePath } from '../../client/paths.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject, Resource, StageClient } from '../../client/types.ts';
import { forEach, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/objects.ts';

/** How soon a namespace is looked at again whose content is not gone yet. */
const lookAgainMs = 1_000;

/** Gives new namespaces what pods need there; empties those that were deleted, and lets them go. */
export function namespaceController(context: Context): Controller {
  const { namespaces } = context.copies;
  /** The uids of those that were given it. */
  const furnished = new Set<string>();
  const sync = async (): Promise<number | undefined> => {
    let isEmptying = false;
    await forEach(namespaces.values(), async (namespace) => {
      const { name, uid = '' } = namespace.metadata;
      if (isTerminating(namespace)) isEmptying = !(await empty(context, namespace)) || isEmptying;
      else if (!furnished.has(uid)) {
        await furnish(context, name);
        furnished.add(uid);
      }
    });
    return isEmptying ? lookAgainMs : undefined;
  };
  return { name: 'namespace-controller', watches: ['namespaces'], sync };
}

/** The service account `default`, and the certificate authority of the API. */
async function furnish({ client, rootCa }: Context, namespace: string): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  const metadata = { name: 'kube-root-ca.crt', namespace };
  const authority = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': rootCa } };
  await client.create(resources.serviceAccounts, account).catch(unlessThere);
  await client.create(resources.configMaps, authority).catch(unlessThere);
}

function unlessThere(problem: unknown): void {
  if (!hasCode(problem, 409)) throw problem;
}

/** True when nothing was left in it, and it was let go. */
async function empty({ client }: Context, namespace: KubeObject): Promise<boolean> {
  const { name, uid } = namespace.metadata;
  const kinds = await deletableResources(client);
  const paths = kinds.map((resource) => resourcePath(resource, name));
  const found = await Promise.all(paths.map(async (path) => await ask<{ items: unknown[] }>(client, 'DELETE', path)));
  if (found.some(({ items }) => items.length > 0)) return false;
  const current = await client.get(resources.namespaces, undefined, name);
  if (current && current.metadata.uid === uid) {
    await client.update(resources.namespaces, { ...current, spec: { finalizers: [] } }, 'finalize');
  }
  return true;
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean; readonly verbs: string[] }[];
}

/** Everything that a namespace can contain, as the API itself says. */
async function deletableResources(client: StageClient): Promise<Resource[]> {
  type Groups = { groups: { preferredVersion: { groupVersion: string } }[] };
  const { groups } = await ask<Groups>(client, 'GET', '/apis');
  const paths = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(paths.map(async (path) => await ask<ResourceList>(client, 'GET', path)));
  return lists.flatMap(({ groupVersion, resources: served }) => {
    const [version = '', group = ''] = groupVersion.split('/').toReversed();
    const deletable = served.filter(({ namespaced, verbs }) => namespaced && verbs.includes('deletecollection'));
    return deletable.map(({ name }) => ({ group, version, plural: name }));
  });
}

async function ask<T>(client: StageClient, method: string, path: string): Promise<T> {
  const { status, body } = await client.raw(method, path);
  if (status > 299) throw new StatusError(`${method} ${path}: HTTP ${status} ${body}`, { code: status });
  return JSON.parse(body) as T;
}
