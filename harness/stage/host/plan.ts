import { join } from 'node:path';
import { BlackstartError } from '../../core/errors.ts';

/** What a cluster is asked to be: the JSON file of `--spec`. */
export interface HostSpec {
  readonly name: string;
  /** Its own folder; made when it is not there. */
  readonly dataDir: string;
  /** Nodes beside the control plane. */
  readonly workers: number;
  /** The cluster ends when this process is gone. Default: nobody owns it. */
  readonly ownerPid?: number;
}

export interface PlannedNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
  /** `DATA/nodes/NODE`, and the control socket in it. */
  readonly folder: string;
  readonly socket: string;
}

/** Everything about a cluster that follows from its spec and its subnet. */
export interface ClusterPlan {
  readonly name: string;
  readonly dataDir: string;
  readonly subnet: number;
  readonly nodes: readonly [PlannedNode, ...PlannedNode[]];
  readonly server: string;
  readonly serviceRange: string;
  /** ClusterIPs of the Services `kubernetes` and `kube-dns`. */
  readonly kubernetesAddress: string;
  readonly dnsAddress: string;
}

/** The node number is part of a pod's address, and 200 is for the services. */
const maxWorkers = 100;

/** Names as kind's, addresses as in the table of the stage. Throws `usage` for too many workers. */
export function planCluster({ name, dataDir, workers }: HostSpec, subnet: number): ClusterPlan {
  if (workers > maxWorkers) throw new BlackstartError('usage', `An embedded cluster has at most ${maxWorkers} workers`);
  const node = (role: PlannedNode['role'], index: number): PlannedNode => {
    const nodeName = `${name}-${role}${index > 1 ? index : ''}`;
    const folder = join(dataDir, 'nodes', nodeName);
    const socket = join(folder, 'control.sock');
    return { name: nodeName, role, address: `127.${subnet}.0.${index + 1}`, folder, socket };
  };
  const controlPlane = node('control-plane', 0);
  return {
    name,
    dataDir,
    subnet,
    nodes: [controlPlane, ...Array.from({ length: workers }, (_, index) => node('worker', index + 1))],
    server: `https://${controlPlane.address}:6443`,
    serviceRange: `127.${subnet}.200.0/24`,
    kubernetesAddress: `127.${subnet}.200.1`,
    dnsAddress: `127.${subnet}.200.10`,
  };
}
