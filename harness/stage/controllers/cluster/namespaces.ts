import { StatusError } from '../../client/status-error.ts';
import { resourcePath } from '../../client/paths.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject, Resource } from '../../client/types.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/pod-state.ts';

/** How soon a namespace is looked at again whose content is not gone yet; when a pod of it goes, at once. */
const lookAgainMs = 1_000;

/** Empties namespaces that were deleted, and lets them go. */
export function namespaceController(context: Context): Controller {
  const queue = openQueue(context, 'namespace-controller', async (name) => {
    const namespace = context.caches.namespaces.objects.get(name);
    return namespace && isTerminating(namespace) ? await empty(context, namespace) : undefined;
  });
  context.caches.namespaces.subscribe(({ object }) => queue.add(object.metadata.name));
  context.caches.pods.subscribe(({ type, object }) => {
    if (type === 'deleted') queue.add(object.metadata.namespace ?? '');
  });
  return { start: () => queue.start(), stop: () => queue.stop() };
}

async function empty(context: Context, namespace: KubeObject): Promise<number | undefined> {
  const { name } = namespace.metadata;
  const left = await Promise.all(
    (await deletableResources(context)).map(async (resource) => {
      const { items } = await context.client.list(resource, { namespace: name });
      if (items.some((item) => !isTerminating(item))) await ask(context, 'DELETE', resourcePath(resource, name));
      return items.length;
    }),
  );
  if (left.some((count) => count > 0)) return lookAgainMs;
  const current = await context.client.get(resources.namespaces, undefined, name);
  if (current?.metadata.uid !== namespace.metadata.uid || !current) return undefined;
  const { finalizers = [] } = (current['spec'] ?? {}) as { finalizers?: string[] };
  const spec = { finalizers: finalizers.filter((finalizer) => finalizer !== 'kubernetes') };
  await context.client.update(resources.namespaces, { ...current, spec }, 'finalize');
  return undefined;
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** Everything that a namespace can contain, as the API itself says. */
async function deletableResources(context: Context): Promise<Resource[]> {
  const { groups } = (await ask(context, 'GET', '/apis')) as {
    groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const paths = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(paths.map(async (path) => (await ask(context, 'GET', path)) as ResourceList));
  return lists.flatMap(({ groupVersion, resources: served }) => {
    const [version = '', group = ''] = groupVersion.split('/').toReversed();
    return served
      .filter(
        ({ namespaced, verbs }) => namespaced && ['list', 'deletecollection'].every((verb) => verbs.includes(verb)),
      )
      .map(({ name }) => ({ group, version, plural: name }));
  });
}

async function ask({ client }: Context, method: string, path: string): Promise<unknown> {
  const { status, body } = await client.raw(method, path);
  if (status > 299) throw new StatusError(`${method} ${path}: HTTP ${status}`, { code: status });
  return JSON.parse(body);
}
