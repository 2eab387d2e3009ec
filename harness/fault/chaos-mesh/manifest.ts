import type { KubeObject, ObjectRef } from '../../cluster/client.ts';
import type { PodChaosRequest } from './request.ts';

/** Where our chaos objects live: the namespace of Chaos Mesh itself, which exists and is never a target. */
export const chaosNamespace = 'chaos-mesh';

/** Every chaos object of ours carries the id of its run. */
export const runLabel = 'blackstart/run';

export interface ManifestNames {
  readonly runId: string;
  /** The step's name in the method. */
  readonly step: string;
}

/** The pods that were chosen, by name. */
export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The PodChaos that is written: targets by name and mode `all`, because Chaos Mesh's own `one` throws dice that we
 * cannot repeat.
 */
export function podChaosManifest(
  request: Pick<PodChaosRequest, 'action' | 'containerNames' | 'duration'>,
  pods: readonly NamedPod[],
  names: ManifestNames,
): KubeObject {
  const { action, containerNames, duration } = request;
  return {
    ...podChaosKind,
    metadata: {
      name: podChaosName(names),
      namespace: chaosNamespace,
      labels: { 'app.kubernetes.io/managed-by': 'blackstart', [runLabel]: names.runId },
    },
    spec: {
      action,
      mode: 'all',
      selector: { pods: byNamespace(pods) },
      ...(action === 'container-kill' && { containerNames }),
      ...(action === 'pod-failure' && duration !== null && { duration }),
    },
  };
}

export function podChaosRef(name: string): ObjectRef {
  return { ...podChaosKind, namespace: chaosNamespace, name };
}

export function podChaosName({ runId, step }: ManifestNames): string {
  return `blackstart-${runId}-${step}`.toLowerCase();
}

const podChaosKind = { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'PodChaos' } as const;

function byNamespace(pods: readonly NamedPod[]): Readonly<Record<string, readonly string[]>> {
  const grouped = Object.groupBy(pods, ({ namespace }) => namespace);
  return Object.fromEntries(
    Object.entries(grouped).map(([namespace, group = []]) => [namespace, group.map(({ name }) => name)]),
  );
}
