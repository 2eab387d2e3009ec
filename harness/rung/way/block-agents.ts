import type { ClusterNode, PodTraffic, RejectedTraffic } from '../../cluster/cluster.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { agentDaemonSet } from '../../plan/agent-config.ts';
import { controlPlaneAddress } from '../../probe/lane-config.ts';
import type { RungContext, Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const apiServerPort = 6443;

/** Rejects what the agents send to the API server, on their own nodes; kubelets and everybody else are spared. */
export const blockAgents: Way<Extract<WaySpec, { readonly way: 'block-agents' }>> = {
  cannot: (context) => {
    const workers = workersOf(context);
    if (workers.every(hasTraffic)) return undefined;
    return 'it needs nodes with a packet filter of their own (network namespaces and iptables), which this backend has not';
  },
  climb: async (_spec, scope, context) => {
    const what: RejectedTraffic = {
      label: `app.kubernetes.io/name=${agentDaemonSet.name}`,
      address: controlPlaneAddress(context.cluster.nodes),
      port: apiServerPort,
    };
    const nodes = workersOf(context).filter(hasTraffic);
    for (const { traffic } of nodes) await scope.perform(traffic.reject(what));
    // A pod that was started meanwhile has another address.
    await Promise.all(nodes.map(async ({ traffic }) => await traffic.renewReject(what)));
    return breakGlassDoor(context.cluster);
  },
};

function workersOf({ cluster }: RungContext): readonly ClusterNode[] {
  return cluster.nodes.filter(({ role }) => role === 'worker');
}

function hasTraffic(node: ClusterNode): node is ClusterNode & { readonly traffic: PodTraffic } {
  return node.traffic !== undefined;
}
