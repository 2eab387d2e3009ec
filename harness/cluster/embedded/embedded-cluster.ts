import { fileURLToPath } from 'node:url';
import type { Clock } from '../../core/clock.ts';
import { callAs, openApiClient } from '../client-node.ts';
import type { Cluster, ClusterContext, ClusterSpec } from '../cluster.ts';
import { coreDnsImage } from '../core-dns-placement.ts';
import { settle } from '../settle.ts';
import { nodeContainers } from './containers.ts';
import { nodeFreezer } from './node-freezer.ts';
import type { EmbeddedNode } from './node-list.ts';
import { BlackstartError } from '../../core/errors.ts';
import { askSocket } from './socket.ts';
import type { StateFolder } from './state-folder.ts';
import { nodeStaticPods } from './static-pods.ts';

export interface EmbeddedClusterOptions {
  readonly name: string;
  readonly nodes: readonly EmbeddedNode[];
  readonly coreDns: ClusterSpec['coreDns'];
  readonly folder: StateFolder;
  readonly clock: Clock;
  readonly context: ClusterContext;
}

const kubectlProgram = fileURLToPath(new URL('./kubectl.ts', import.meta.url));

/** The static pods of the control plane. The scheduler is part of the controller manager, the store of the API server. */
const staticPods = ['kube-apiserver', 'kube-controller-manager'];

/** Puts a cluster together from its nodes. */
export async function embeddedCluster(options: EmbeddedClusterOptions): Promise<Cluster> {
  const { name, nodes, coreDns, folder, clock } = options;
  const { signal, emit } = options.context;
  const api = openApiClient(folder.breakGlass);
  const image = await coreDnsImage(api);
  const renew = async (): Promise<void> => {
    await Promise.all(nodes.map(async (node) => await askSocket(folder.nodeSocket(node.name), 'POST', '/renew')));
  };
  return {
    name,
    nodes: nodes.map((node) => ({
      name: node.name,
      role: node.role,
      address: node.address,
      containers: nodeContainers(node.name, folder.nodeSocket(node.name)),
      staticPods: nodeStaticPods(node.name, folder.nodeSocket(node.name)),
    })),
    versions: { kubernetes: 'embedded', coreDns: 'embedded' },
    chaosMesh: 'embedded',
    coreDnsImage: image,
    credentials: { admin: folder.admin, breakGlass: folder.breakGlass },
    api,
    kubectl: [process.execPath, kubectlProgram, '--kubeconfig', folder.breakGlass],
    adminKubectl: [process.execPath, kubectlProgram, '--kubeconfig', folder.admin],
    // The nodes' own addresses are loopback addresses here: there is no other way to the same socket.
    callApi: async ({ credential, port }, call, deadlineMs) => {
      const server = port === null ? undefined : `https://${nodes[0]?.address}:${port}`;
      return await callAs(credential === 'admin' ? folder.admin : folder.breakGlass, call, { deadlineMs, server });
    },
    nodeUrl: (node, port) => {
      const address = nodes.find((one) => one.name === node)?.address;
      if (address === undefined) throw new BlackstartError('internal', `The cluster has no node ${node}`);
      return `http://${address}:${port}`;
    },
    freezer: nodeFreezer(folder),
    renew,
    // They share the fate of the API server no longer than their back-off, which `renew` ends.
    renewControllers: renew,
    settle: async () => await settle({ api, nodes, coreDns, clock, signal, emit, staticPods }),
    release: async () => {
      await askSocket(folder.hostSocket, 'POST', '/release');
    },
  };
}
