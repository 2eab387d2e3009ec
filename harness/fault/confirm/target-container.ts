import type { Cluster, ClusterNode, NodeContainer } from '../../cluster/cluster.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { TargetPod } from '../target-pod.ts';

/** A container before the fault, as the runtime on its node told it. */
export interface TargetContainer {
  readonly node: ClusterNode;
  readonly container: NodeContainer;
}

/** The containers of this name that run now, over these nodes, without the API. */
export async function runningContainers(
  nodes: readonly ClusterNode[],
  name: string,
  namespace: string,
): Promise<readonly TargetContainer[]> {
  const perNode = await Promise.all(
    nodes.map(async (node) => {
      const found = await node.containers.find(name);
      const running = found.filter((one) => one.state === 'running' && one.namespace === namespace);
      return running.map((container) => ({ node, container }));
    }),
  );
  return perNode.flat();
}

/** The containers of one pod that run now. */
export async function containersOf(pod: TargetPod, cluster: Cluster): Promise<readonly TargetContainer[]> {
  const node = nodeNamed(cluster, pod.node);
  const perName = await Promise.all(
    pod.containers.map(async ({ name }) => await runningContainers([node], name, pod.namespace)),
  );
  return perName.flat().filter(({ container }) => container.pod === pod.name);
}

function nodeNamed(cluster: Cluster, name: string): ClusterNode {
  const node = cluster.nodes.find((one) => one.name === name);
  if (node) return node;
  throw new BlackstartError(
    'cluster',
    `Cluster ${cluster.name} has no node ${name} that can be looked at from outside`,
  );
}

/** `kube-apiserver on NODE`. */
export function nameOf({ node, container }: TargetContainer): string {
  return `${container.name} on ${node.name}`;
}

/** The first twelve digits, as crictl prints them. */
export function shortId({ id }: NodeContainer): string {
  return id.slice(0, 12);
}
