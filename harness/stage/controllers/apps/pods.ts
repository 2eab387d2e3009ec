import { messageOf } from '../../../core/errors.ts';
import { resources } from '../../client/resources.ts';
import type { KubeObject, ObjectMeta } from '../../client/types.ts';
import { forEach, type Context, type Controller, type Followed } from '../base/context.ts';
import type { Pod, PodTemplate } from '../base/kinds.ts';
import { byController, controllerOf, controllerReference, isTerminating, updateStatus } from '../base/objects.ts';

export interface PodPlan {
  /** One template for each pod that is missing. */
  readonly create: readonly PodTemplate[];
  readonly remove: readonly Pod[];
}

/** A kind of owners of pods: which pods they want, from those that there are, and what they say about them. */
interface PodOwners<K extends 'replicaSets' | 'daemonSets'> {
  readonly name: string;
  readonly kind: K;
  /** What is to be done before anything happens to pods. */
  readonly prepare?: (owner: Followed[K], pods: readonly Pod[]) => Promise<void>;
  readonly plan: (owner: Followed[K], pods: readonly Pod[]) => PodPlan;
  readonly status: (owner: Followed[K], pods: readonly Pod[]) => object;
}

/** Creates or deletes at once, so that a big scaling is not one wave; what is left comes with the next look. */
const batch = 50;

export function podController<K extends 'replicaSets' | 'daemonSets'>(
  context: Context,
  owners: PodOwners<K>,
): Controller {
  const { client, copies } = context;
  const { name, kind, prepare, plan, status } = owners;
  const sync = async (): Promise<void> => {
    const known = byController(copies.pods.values());
    await forEach(copies[kind].values(), async (owner) => {
      if (isTerminating(owner)) return;
      const wanted = (all: readonly Pod[]): PodPlan => plan(owner, all);
      const own = known.get(owner.metadata.uid) ?? [];
      await prepare?.(owner, own);
      const pods = await carryOut(context, name, owner, own, wanted);
      await updateStatus(client, resources[kind], owner, status(owner, pods));
    });
  };
  return { name, watches: [kind, 'pods', 'nodes'], sync };
}

/**
 * Creates and deletes pods as `plan` wants it, and gives those that it was made of. `known` may not have what was
 * created a moment ago, or by a call whose answer was lost: before anything is done on its word, the API is asked.
 */
async function carryOut(
  context: Context,
  component: string,
  owner: Followed['replicaSets' | 'daemonSets'],
  known: readonly Pod[],
  plan: (pods: readonly Pod[]) => PodPlan,
): Promise<readonly Pod[]> {
  const { client, record } = context;
  const first = plan(known);
  if (first.create.length + first.remove.length === 0) return known;
  const { namespace, uid } = owner.metadata;
  const labels = Object.entries(owner.spec.selector.matchLabels ?? {});
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const { items } = await client.list(resources.pods, { namespace, labelSelector });
  const pods = items.filter((pod) => controllerOf(pod)?.uid === uid) as Pod[];
  const { create, remove } = plan(pods);
  await forEach(create.slice(0, batch), async (template) => {
    try {
      const { metadata } = await client.create(resources.pods, podOf(owner, template));
      record(component, owner, 'SuccessfulCreate', `Created pod: ${metadata.name}`);
    } catch (problem) {
      record(component, owner, 'FailedCreate', `Error creating: ${messageOf(problem)}`, 'Warning');
      throw problem;
    }
  });
  await forEach(remove.slice(0, batch), async ({ metadata }) => {
    await client.delete(resources.pods, metadata, { uid: metadata.uid });
    record(component, owner, 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
  });
  return pods;
}

function podOf(owner: KubeObject, { metadata, spec }: PodTemplate): KubeObject {
  const { name, namespace } = owner.metadata;
  const own = { generateName: `${name}-`, namespace, ownerReferences: [controllerReference(owner)] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...own } as unknown as ObjectMeta, spec };
}
