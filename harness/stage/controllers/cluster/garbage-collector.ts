import { keyOf } from '../../client/object-store.ts';
import { hasCode } from '../../client/status-error.ts';
import type { DeleteOptions, KubeObject, OwnerReference, Resource } from '../../client/types.ts';
import type { Cache } from '../base/caches.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/pod-state.ts';
import { OwnerGraph } from './owner-graph.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** Deletes what lost its owners, and holds owners until their dependents are gone or let go (foreground, orphan). */
export function garbageCollector(context: Context): Controller {
  const graph = new OwnerGraph();
  const cacheOf = new Map(context.caches.all.map((cache) => [cache.resource.plural, cache]));
  const queue = openQueue(context, 'garbage-collector', async (key) => {
    const [plural = '', ...rest] = key.split(' ');
    const cache = cacheOf.get(plural);
    const object = cache?.objects.get(rest.join(' '));
    if (cache && object) await reconcile(context, graph, cache, object);
    return undefined;
  });
  for (const cache of context.caches.all) {
    cache.subscribe(({ type, object, before }) => {
      const key = `${cache.resource.plural} ${keyOf(object)}`;
      graph.set(key, type === 'deleted' ? undefined : object);
      if (type === 'deleted') for (const dependent of graph.dependentsOf(object)) queue.add(dependent);
      // Whoever waits for this one to go looks again.
      const lost = [...(object.metadata.ownerReferences ?? []), ...(before?.metadata.ownerReferences ?? [])];
      if (type === 'deleted') for (const { uid } of lost) for (const owner of graph.keysOf(uid)) queue.add(owner);
      if (type !== 'deleted' && concerns(object)) queue.add(key);
    });
  }
  return { start: () => queue.start(), stop: () => queue.stop() };
}

function concerns({ metadata }: KubeObject): boolean {
  const { ownerReferences = [], finalizers = [] } = metadata;
  return ownerReferences.length > 0 || finalizers.includes(foreground) || finalizers.includes(orphan);
}

async function reconcile(
  context: Context,
  graph: OwnerGraph,
  { resource }: Cache<KubeObject>,
  object: KubeObject,
): Promise<void> {
  const { finalizers = [] } = object.metadata;
  if (isTerminating(object)) {
    if (finalizers.includes(foreground)) await deleteDependents(context, graph, resource, object);
    if (finalizers.includes(orphan)) await orphanDependents(context, graph, resource, object);
    return;
  }
  const owners = object.metadata.ownerReferences ?? [];
  const absent = (await Promise.all(owners.map(async (owner) => await isAbsent(context, graph, object, owner)))).map(
    (gone, index) => (gone ? owners[index] : undefined),
  );
  if (owners.length === 0 || absent.every((owner) => owner === undefined)) return;
  const left = owners.filter((owner) => !absent.includes(owner));
  if (left.length === 0) await remove(context, resource, object, 'Background');
  else await patchMetadata(context, resource, object, { ownerReferences: left });
}

/** Only the API's own word counts. Owners of kinds that we do not follow are taken to be there. */
async function isAbsent(
  { caches, client }: Context,
  graph: OwnerGraph,
  object: KubeObject,
  owner: OwnerReference,
): Promise<boolean> {
  if (graph.keysOf(owner.uid).length > 0) return false;
  const resource = resourceOf[`${owner.apiVersion} ${owner.kind}`];
  const cache = caches.all.find((one) => one.resource.plural === resource);
  if (!cache) return false;
  const namespace = resource === 'nodes' || resource === 'namespaces' ? undefined : object.metadata.namespace;
  return (await client.get(cache.resource, namespace, owner.name))?.metadata.uid !== owner.uid;
}

const resourceOf: Readonly<Record<string, string>> = {
  'v1 Node': 'nodes',
  'v1 Namespace': 'namespaces',
  'v1 Pod': 'pods',
  'v1 Service': 'services',
  'v1 ServiceAccount': 'serviceaccounts',
  'apps/v1 Deployment': 'deployments',
  'apps/v1 ReplicaSet': 'replicasets',
  'apps/v1 DaemonSet': 'daemonsets',
  'discovery.k8s.io/v1 EndpointSlice': 'endpointslices',
};

/** The owner goes when no dependent is left that blocks it; they go the same way, so that theirs go first too. */
async function deleteDependents(
  context: Context,
  graph: OwnerGraph,
  resource: Resource,
  owner: KubeObject,
): Promise<void> {
  const dependents = dependentsIn(context, graph, owner);
  for (const dependent of dependents) {
    if (isTerminating(dependent.object)) continue;
    const deeper = graph.dependentsOf(dependent.object).length > 0;
    await remove(context, dependent.resource, dependent.object, deeper ? 'Foreground' : 'Background');
  }
  const blocking = dependents.some(({ object }) =>
    object.metadata.ownerReferences?.some(
      ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
    ),
  );
  if (!blocking) await removeFinalizer(context, resource, owner, foreground);
}

async function orphanDependents(
  context: Context,
  graph: OwnerGraph,
  resource: Resource,
  owner: KubeObject,
): Promise<void> {
  for (const dependent of dependentsIn(context, graph, owner)) {
    const ownerReferences = (dependent.object.metadata.ownerReferences ?? []).filter(
      ({ uid }) => uid !== owner.metadata.uid,
    );
    await patchMetadata(context, dependent.resource, dependent.object, { ownerReferences });
  }
  await removeFinalizer(context, resource, owner, orphan);
}

function dependentsIn(
  { caches }: Context,
  graph: OwnerGraph,
  owner: KubeObject,
): { readonly resource: Resource; readonly object: KubeObject }[] {
  return graph.dependentsOf(owner).flatMap((key) => {
    const [plural = '', ...rest] = key.split(' ');
    const cache = caches.all.find((one) => one.resource.plural === plural);
    const object = cache?.objects.get(rest.join(' '));
    return cache && object ? [{ resource: cache.resource, object }] : [];
  });
}

async function removeFinalizer(context: Context, resource: Resource, object: KubeObject, name: string): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== name);
  await patchMetadata(context, resource, object, { finalizers });
}

async function patchMetadata(
  { client }: Context,
  resource: Resource,
  { metadata }: KubeObject,
  change: object,
): Promise<void> {
  const { resourceVersion } = metadata;
  try {
    await client.patch(resource, metadata, { metadata: { resourceVersion, ...change } });
  } catch (problem) {
    // It went meanwhile, which is what this was for.
    if (!hasCode(problem, 404)) throw problem;
  }
}

async function remove(
  { client }: Context,
  resource: Resource,
  { metadata }: KubeObject,
  propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
): Promise<void> {
  const { uid } = metadata;
  await client.delete(resource, metadata, { propagationPolicy, ...(uid !== undefined && { uid }) });
}
