import { resources } from '../../client/resources.ts';
import { messageOf } from '../../../core/errors.ts';
import type { KubeObject } from '../../client/types.ts';
import type { Context } from '../base/context.ts';
import type { LabelSelector, Pod, PodTemplate } from '../base/kinds.ts';
import { generatedName } from '../base/names.ts';
import { controllerOf, controllerReference, isControlledBy } from '../base/owners.ts';
import { isTerminating } from '../base/pod-state.ts';
import { matchesSelector, selectorText } from '../base/selectors.ts';

type Owner = KubeObject & { readonly spec: { readonly selector: LabelSelector } };

/** Creates or deletes at once, so that a big scaling neither takes for ever nor comes as one wave. */
const batch = 16;

/**
 * The pods of an owner, asked from the API itself. Our copy may not have what we created a moment ago, or what a call
 * created whose answer was lost, so nothing is created or deleted on its word alone. Orphans that match are adopted.
 */
export async function livePods(context: Context, owner: Owner): Promise<Pod[]> {
  const { items } = await context.client.list(resources.pods, {
    namespace: owner.metadata.namespace ?? '',
    labelSelector: selectorText(owner.spec.selector),
  });
  const pods = items as Pod[];
  const orphans = pods.filter((pod) => controllerOf(pod) === undefined && !isTerminating(pod));
  const adopted = await Promise.all(orphans.map(async (pod) => (await adopt(context, owner, pod)) as Pod));
  return [...pods.filter((pod) => isControlledBy(pod, owner)), ...adopted];
}

/** Makes an object without a controller ours. */
export async function adopt(context: Context, owner: KubeObject, object: KubeObject): Promise<KubeObject> {
  const { namespace, name, resourceVersion, ownerReferences = [] } = object.metadata;
  const resource = object.kind === 'Pod' ? resources.pods : resources.replicaSets;
  const metadata = { resourceVersion, ownerReferences: [...ownerReferences, controllerReference(owner)] };
  return await context.client.patch(resource, { namespace, name }, { metadata });
}

/** The pods of an owner, as our copy knows them. */
export function knownPods(context: Context, owner: Owner): Pod[] {
  return [...context.caches.pods.objects.values()].filter(
    (pod) =>
      isControlledBy(pod, owner) ||
      (controllerOf(pod) === undefined &&
        pod.metadata.namespace === owner.metadata.namespace &&
        !isTerminating(pod) &&
        matchesSelector(owner.spec.selector, pod.metadata.labels)),
  );
}

/** One new pod of a template; its name is `prefix` and five letters. */
export function podFrom(context: Context, owner: KubeObject, template: PodTemplate): KubeObject {
  const prefix = `${owner.metadata.name}-`;
  const { namespace } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: generatedName(prefix, context.random),
      generateName: prefix,
      ...(namespace !== undefined && { namespace }),
      ...(template.metadata?.labels && { labels: template.metadata.labels }),
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

/** Creates pods and says so in events of the owner. Throws the first failure. */
export async function createPods(
  context: Context,
  owner: KubeObject,
  pods: readonly KubeObject[],
  component: string,
): Promise<void> {
  await inBatches(pods, async (pod) => {
    try {
      const { metadata } = await context.client.create(resources.pods, pod);
      const message = `Created pod: ${metadata.name}`;
      context.record({ about: owner, type: 'Normal', reason: 'SuccessfulCreate', message, component });
    } catch (problem) {
      const message = `Error creating: ${messageOf(problem)}`;
      context.record({ about: owner, type: 'Warning', reason: 'FailedCreate', message, component });
      throw problem;
    }
  });
}

/** Deletes pods, each only if it still is the one that is meant. */
export async function deletePods(
  context: Context,
  owner: KubeObject,
  pods: readonly Pod[],
  component: string,
): Promise<void> {
  await inBatches(pods, async ({ metadata }) => {
    const { uid, namespace, name } = metadata;
    await context.client.delete(resources.pods, { namespace, name }, { ...(uid !== undefined && { uid }) });
    const message = `Deleted pod: ${name}`;
    context.record({ about: owner, type: 'Normal', reason: 'SuccessfulDelete', message, component });
  });
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += batch) {
    const results = await Promise.allSettled(items.slice(start, start + batch).map(work));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
