import { runningContainers, type TargetContainer } from '../confirm/target-container.ts';
import type { FaultContext } from '../fault.ts';
import { chaosNamespace } from './manifest.ts';

/** The container of chaos-controller-manager in the chart. */
const containerName = 'chaos-mesh';

/** Chaos Mesh's controller, as containers on their nodes. Empty where it is no container of its own. */
export async function findController({ cluster }: FaultContext): Promise<readonly TargetContainer[]> {
  return await runningContainers(cluster.nodes, containerName, chaosNamespace);
}

/**
 * Freezes the controller when it has killed kube-apiserver. It could not write that down through the server it killed, and
 * one that lives on kills the new server too, from its stale view (seen on kind 4.8 s after the API was back, with the
 * deletion accepted). Gives what lets it begin anew: ended, it starts with a fresh view, in which the PodChaos is being deleted.
 */
export async function holdController(
  controller: readonly TargetContainer[],
  { perform, withinMs }: FaultContext,
): Promise<() => Promise<void>> {
  for (const { node, container } of controller) await perform(node.containers.freeze(container, withinMs));
  return async () => {
    await Promise.all(controller.map(async ({ node, container }) => await node.containers.stop(container.id)));
  };
}
