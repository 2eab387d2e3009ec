import type { Cluster } from '../cluster/cluster.ts';
import { runningContainers, type TargetContainer } from '../fault/confirm/target-container.ts';
import { agentDaemonSet } from '../plan/agent-config.ts';

const containerName = 'agent';

/** The agents' containers that run now, as the nodes' runtimes know them. */
export async function runningAgents({ nodes }: Pick<Cluster, 'nodes'>): Promise<readonly TargetContainer[]> {
  return await runningContainers(nodes, containerName, agentDaemonSet.namespace);
}
