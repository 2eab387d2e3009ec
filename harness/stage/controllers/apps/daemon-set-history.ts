/** The templates that a DaemonSet has had: ControllerRevisions, from which `kubectl rollout history` and `undo` work. */
import { resources } from '../../client/resources.ts';
import type { KubeObject } from '../../client/types.ts';
import type { Context } from '../base/context.ts';
import type { ControllerRevision, DaemonSet, Pod } from '../base/kinds.ts';
import { controllerOf, controllerReference } from '../base/objects.ts';
import { templateHash } from './template-hash.ts';

/** Says of a pod and of a revision which template it is of. */
export const revisionLabel = 'controller-revision-hash';

interface HistoryPlan {
  /** That of the template; undefined when it is new. */
  readonly current: ControllerRevision | undefined;
  /** The number that it is to have: a template that is used again becomes the newest. */
  readonly revision: number;
  readonly remove: readonly ControllerRevision[];
}

/** @param revisions of this set. */
export function planHistory(
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  pods: readonly Pod[],
): HistoryPlan {
  const hash = templateHash(set.spec.template);
  const current = revisions.find((one) => hashOf(one) === hash);
  const old = revisions.filter((one) => one !== current).toSorted((a, b) => a.revision - b.revision);
  const revision = Math.max(current?.revision ?? 1, 1 + (old.at(-1)?.revision ?? 0));
  const inUse = new Set(pods.map(hashOf));
  const surplus = Math.max(0, old.length - (set.spec.revisionHistoryLimit ?? 10));
  return { current, revision, remove: old.filter((one) => !inUse.has(hashOf(one))).slice(0, surplus) };
}

/** Our copies can be behind: then a call meets a conflict, and all is looked at again. */
export async function keepHistory({ client, copies }: Context, set: DaemonSet, pods: readonly Pod[]): Promise<void> {
  const known = [...copies.controllerRevisions.values()];
  const own = known.filter((one) => controllerOf(one)?.uid === set.metadata.uid);
  const { current, revision, remove } = planHistory(set, own, pods);
  if (!current) await client.create(resources.controllerRevisions, revisionOf(set, revision));
  else if (current.revision !== revision) {
    const { resourceVersion } = current.metadata;
    await client.patch(resources.controllerRevisions, current.metadata, { metadata: { resourceVersion }, revision });
  }
  for (const { metadata } of remove)
    await client.delete(resources.controllerRevisions, metadata, { uid: metadata.uid });
}

function hashOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[revisionLabel];
}

function revisionOf(set: DaemonSet, revision: number): ControllerRevision {
  const { name, namespace = '', annotations = {} } = set.metadata;
  const { template } = set.spec;
  const hash = templateHash(template);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [revisionLabel]: hash },
      // The change cause, for example.
      annotations,
      ownerReferences: [controllerReference(set)],
    },
    data: { spec: { template: { ...template, $patch: 'replace' } } },
    revision,
  };
}
