import { constants, setPriority } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import type { Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { openApiClient } from '../client-node.ts';
import type { ApiClient } from '../client.ts';
import type { Cluster, ClusterContext, ClusterSpec } from '../cluster.ts';
import { coreDnsImage } from '../core-dns-placement.ts';
import { settle } from '../settle.ts';
import { callApi } from './call-api.ts';
import { nodeContainers } from './containers.ts';
import { nodeCpuLimits } from './cpu-limits.ts';
import { nodeFreezer } from './node-freezer.ts';
import type { KindNode } from './node-list.ts';
import { podTraffic } from './pod-traffic.ts';
import { nodeStaticPods } from './static-pods.ts';
import { renew, renewControllers } from './renew.ts';
import type { StateFolder } from './state-folder.ts';

export interface KindClusterOptions {
  readonly name: string;
  readonly nodes: readonly KindNode[];
  readonly coreDns: ClusterSpec['coreDns'];
  readonly folder: StateFolder;
  readonly run: Run;
  readonly clock: Clock;
  readonly context: ClusterContext;
}

/** Puts a cluster together from its nodes. Waits up to 60 s for the API server, to ask it for versions. */
export async function kindCluster(options: KindClusterOptions): Promise<Cluster> {
  giveWay();
  const { name, nodes, coreDns, folder, run, clock } = options;
  const { signal, emit } = options.context;
  const api = openApiClient(folder.breakGlass);
  const image = await poll(async () => await coreDnsImage(api), {
    clock,
    signal,
    intervalMs: 200,
    timeoutMs: 60_000,
    what: `the API server of ${name}`,
  });
  const names = nodes.map((node) => node.name);
  const controlPlane = nodes.find(({ role }) => role === 'control-plane')?.name ?? '';
  return {
    name,
    nodes: nodes.map((node) => ({
      name: node.name,
      role: node.role,
      address: node.address,
      containers: nodeContainers(node.name, run),
      staticPods: nodeStaticPods(node.name, run),
      cpuLimits: nodeCpuLimits(node.name, run),
      traffic: podTraffic(node.name, run),
    })),
    versions: { ...(await versionsOf(api, run)), coreDns: tagOf(image), nodeImage: nodes[0]?.image ?? '' },
    coreDnsImage: image,
    credentials: { admin: folder.admin, breakGlass: folder.breakGlass },
    api,
    kubectl: ['kubectl', '--kubeconfig', folder.breakGlass],
    adminKubectl: ['kubectl', '--kubeconfig', folder.admin],
    callApi: async (door, call, deadlineMs) =>
      await callApi(door, call, deadlineMs, { controlPlane, credentials: folder, run }),
    nodeUrl: (node, port) => {
      const address = nodes.find((one) => one.name === node)?.ports.get(port);
      if (address === undefined) throw new BlackstartError('internal', `Port ${port} of ${node} is not published`);
      return `http://${address}`;
    },
    freezer: nodeFreezer(names, run),
    renew: async () => await renew({ api, nodes, run, clock, signal }),
    renewControllers: async (until) => await renewControllers({ api, nodes, run, clock, signal: until }),
    settle: async () => await settle({ api, nodes, coreDns, clock, signal, emit }),
  };
}

/**
 * This process and every CLI that it starts give way to the nodes, which share the machine with them: a prober that waits
 * for the CPU behind `docker exec` measures us.
 */
function giveWay(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}

interface NodeStatus {
  readonly nodeInfo?: { readonly kubeletVersion: string; readonly containerRuntimeVersion: string };
}

async function versionsOf(api: ApiClient, run: Run): Promise<Readonly<Record<string, string>>> {
  const [nodes, kind] = await Promise.all([api.list({ apiVersion: 'v1', kind: 'Node' }), run(['kind', 'version'])]);
  const info = (nodes[0]?.status as NodeStatus | undefined)?.nodeInfo;
  return {
    kubernetes: info?.kubeletVersion ?? '',
    containerd: info?.containerRuntimeVersion.replace('containerd://', '') ?? '',
    kind: /v(\d+\.\d+\.\d+\S*)/.exec(kind.stdout)?.[1] ?? kind.stdout.trim(),
  };
}

/** The tag of an image, `1.12.1` of `registry.k8s.io/coredns/coredns:v1.12.1`; without one, the digest. */
function tagOf(image: string): string {
  return /:v?([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? image;
}
