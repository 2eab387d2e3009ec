import { BlackstartError } from '../../core/errors.ts';
import type { ClusterSpec } from '../cluster.ts';
import { assertOurName, foreignCluster } from '../ownership.ts';
import type { Run } from '../../core/command.ts';
import { listKindClusters, markOf } from './list.ts';
import { listNodes, type KindNode } from './node-list.ts';

/**
 * The nodes of a cluster of ours. Rejects with `foreign-cluster` when somebody else made it, `usage` when there is none
 * or when it does not fit, `cluster` when a node does not run. Asks Docker only, so it works with the API down.
 */
export async function ourNodes(name: string, wants: Omit<ClusterSpec, 'name'>, run: Run): Promise<readonly KindNode[]> {
  const { nodes } = await ourCluster(name, run);
  assertFits(name, nodes, wants);
  return nodes;
}

/** The same without the question whether it fits. */
export async function ourCluster(
  name: string,
  run: Run,
): Promise<{ readonly nodes: readonly KindNode[]; readonly controlPlane: string }> {
  assertOurName(name);
  const nodes = await listNodes(name, run);
  const controlPlane = nodes.find((node) => node.role === 'control-plane');
  if (!controlPlane) throw await noSuchCluster(name, run);
  const stopped = nodes.find((node) => node.state !== 'running');
  if (stopped) throw notRunning(stopped);
  if (!(await markOf(name, controlPlane.name, run))) throw foreignCluster(name);
  return { nodes, controlPlane: controlPlane.name };
}

async function noSuchCluster(name: string, run: Run): Promise<BlackstartError> {
  const names = await listKindClusters(run);
  return new BlackstartError('usage', `There is no cluster '${name}'`, {
    hint: names.length === 0 ? 'Leave --cluster out to get a new one.' : `There are: ${names.join(', ')}.`,
  });
}

function notRunning(node: KindNode): BlackstartError {
  const verb = node.state === 'paused' ? 'unpause' : 'start';
  return new BlackstartError('cluster', `Node ${node.name} is ${node.state}`, { hint: `docker ${verb} ${node.name}` });
}

function assertFits(name: string, nodes: readonly KindNode[], wants: Omit<ClusterSpec, 'name'>): void {
  const workers = nodes.filter((node) => node.role === 'worker');
  const problems = [
    ...(workers.length === wants.workers ? [] : [`it has ${workers.length} workers, not ${wants.workers}`]),
    ...wants.nodePorts
      .filter((port) => workers.some((node) => !node.ports.has(port)))
      .map((port) => `port ${port} of its workers is not published`),
  ];
  if (problems.length === 0) return;
  throw new BlackstartError('usage', `Cluster '${name}' does not fit the experiment: ${problems.join('; ')}`, {
    hint: 'Leave --cluster out to get a new one.',
  });
}
