import { resources } from '../../client/resources.ts';
import { hasCode } from '../../client/status-error.ts';
import type { KubeObject, OwnerReference, Resource } from '../../client/types.ts';
import { followed, forEach, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/objects.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** The kinds of owners that are looked for. Others are taken to be there. */
const ownerKinds: Readonly<Record<string, Resource>> = {
  'v1 Node': resources.nodes,
  'v1 Pod': resources.pods,
  'v1 Service': resources.services,
  'apps/v1 Deployment': resources.deployments,
  'apps/v1 ReplicaSet': resources.replicaSets,
  'apps/v1 DaemonSet': resources.daemonSets,
};

interface Item {
  readonly resource: Resource;
  readonly object: KubeObject;
}

type Dependents = ReadonlyMap<string, readonly { readonly item: Item }[]>;

/** Deletes what lost its owners, and holds owners until their dependents are gone or let go (foreground, orphan). */
export function garbageCollector(context: Context): Controller {
  const sync = async (): Promise<void> => {
    const uids = new Set<string | undefined>();
    const items: Item[] = [];
    for (const kind of followed) {
      for (const object of context.copies[kind].values()) {
        const { uid, finalizers = [] } = object.metadata;
        uids.add(uid);
        if (ownersOf(object).length + finalizers.length > 0) items.push({ resource: resources[kind], object });
      }
    }
    const owned = items.flatMap((item) => ownersOf(item.object).map(({ uid }) => ({ uid, item })));
    const dependents = Map.groupBy(owned, ({ uid }) => uid);
    await forEach(items, async (item) => {
      if (isTerminating(item.object)) await settleDependents(context, item, dependents);
      else await removeIfLost(context, uids, item);
    });
  };
  return { name: 'garbage-collector', watches: followed, sync };
}

function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? [];
}

/** Our copies can be behind, so only the API's own word counts. */
async function removeIfLost({ client }: Context, uids: ReadonlySet<string | undefined>, item: Item): Promise<void> {
  const { metadata } = item.object;
  const owners = ownersOf(item.object);
  if (owners.length === 0) return;
  for (const { apiVersion, kind, name, uid } of owners) {
    const resource = ownerKinds[`${apiVersion} ${kind}`];
    if (uids.has(uid) || !resource) return;
    const owner = await client.get(resource, kind === 'Node' ? undefined : metadata.namespace, name);
    if (owner?.metadata.uid === uid) return;
  }
  await client.delete(item.resource, metadata, { propagationPolicy: 'Background', uid: metadata.uid });
}

/** Orphans are let go. In the foreground dependents go first, and theirs before them; then the owner may go. */
async function settleDependents(context: Context, item: Item, dependents: Dependents): Promise<void> {
  const { uid = '', finalizers = [] } = item.object.metadata;
  const left = finalizers.filter((finalizer) => finalizer !== foreground && finalizer !== orphan);
  if (left.length === finalizers.length) return;
  const isOrphaning = finalizers.includes(orphan);
  const own = dependents.get(uid) ?? [];
  await forEach(own, async ({ item: dependent }) => {
    const { metadata } = dependent.object;
    const ownerReferences = ownersOf(dependent.object).filter((owner) => owner.uid !== uid);
    const propagationPolicy = dependents.has(metadata.uid ?? '') ? 'Foreground' : 'Background';
    if (isOrphaning) await change(context, dependent, { ownerReferences });
    else if (!isTerminating(dependent.object)) {
      await context.client.delete(dependent.resource, metadata, { propagationPolicy, uid: metadata.uid });
    }
  });
  if (isOrphaning || own.length === 0) await change(context, item, { finalizers: left });
}

async function change({ client }: Context, { resource, object }: Item, metadata: object): Promise<void> {
  const { resourceVersion } = object.metadata;
  const patched = client.patch(resource, object.metadata, { metadata: { resourceVersion, ...metadata } });
  await patched.catch((problem: unknown) => {
    // It went meanwhile, which is what this was for.
    if (!hasCode(problem, 404)) throw problem;
  });
}
