import { join } from 'node:path';
import { BlackstartError } from '../../core/errors.ts';

/** What a cluster is asked to be: the JSON file of `--spec`. */
export interface HostSpec {
  readonly name: string;
  /** Its own folder; made when it is not there. */
  readonly dataDir: string;
  /** Nodes beside the control plane. */
  readonly workers: number;
  /** C of all its addresses, 16 to 254. Default: a free one. */
  readonly subnet?: number;
  /** The cluster ends when this process is gone. Default: nobody owns it. */
  readonly ownerPid?: number;
  /** Flags of kube-apiserver, `--name=value`; they take the place of ours with the same name. */
  readonly apiFlags?: readonly string[];
}

export interface PlannedNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** 0 is the control plane. */
  readonly index: number;
  readonly address: string;
  /** `DATA/nodes/NODE`. */
  readonly folder: string;
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
  readonly apiFlags: readonly string[];
}

export const subnets = { first: 16, last: 254 } as const;
/** The node number is part of a pod's address, and 200 is for the services. */
const maxWorkers = 100;

/** Throws `usage` for what is no spec. */
export function readSpec(text: string): HostSpec {
  const spec = JSON.parse(text) as Partial<HostSpec>;
  const { name, dataDir, workers, subnet, ownerPid, apiFlags = [] } = spec;
  const problems = [
    /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/.test(name ?? '') || 'name: lower-case letters, digits and dashes',
    dataDir?.startsWith('/') || 'dataDir: an absolute path',
    within(workers, 0, maxWorkers) || `workers: 0 to ${maxWorkers}`,
    subnet === undefined || within(subnet, subnets.first, subnets.last) || 'subnet: 16 to 254',
    ownerPid === undefined || within(ownerPid, 1, 2 ** 22) || 'ownerPid: a process id',
    (Array.isArray(apiFlags) && apiFlags.every((flag) => /^--[a-z0-9-]+(=.*)?$/.test(String(flag)))) ||
      'apiFlags: a list of --name=value',
  ].filter((problem) => problem !== true);
  if (problems.length > 0) throw new BlackstartError('usage', `--spec: ${problems.join('; ')}`);
  return spec as HostSpec;
}

function within(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
}

/** Names as kind's, addresses as in the table of the stage. */
export function planCluster({ name, dataDir, workers, apiFlags = [] }: HostSpec, subnet: number): ClusterPlan {
  const node = (role: PlannedNode['role'], index: number): PlannedNode => {
    const nodeName = `${name}-${role}${index > 1 ? index : ''}`;
    return {
      name: nodeName,
      role,
      index,
      address: `127.${subnet}.0.${index + 1}`,
      folder: join(dataDir, 'nodes', nodeName),
    };
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
    apiFlags,
  };
}
