import { BlackstartError } from '../core/errors.ts';
import type { Plan, PlannedLane, PlannedService } from '../plan/plan.ts';
import type { LaneConfig } from '../workload/prober/wire.ts';

/** What lanes need to know about the cluster. */
export interface Addresses {
  /** ClusterIP of kube-dns. */
  readonly kubeDns: string;
  /** Address of a control-plane node. */
  readonly controlPlane: string;
}

/** kube-apiserver's own port on a kubeadm node, not a virtual address: kube-proxy lags behind the API server. */
const apiServerPort = 6443;
const dnsPort = 53;

/** What every worker's prober is told to do. The same on all nodes. */
export function laneConfigs(plan: Plan, addresses: Addresses): LaneConfig[] {
  return plan.lanes.flatMap((lane) => laneConfig(lane, plan.service, addresses) ?? []);
}

/** Undefined for a lane that is not probed on the workers. */
function laneConfig(lane: PlannedLane, service: PlannedService, addresses: Addresses): LaneConfig | undefined {
  const { name, rateHz, deadlineMs, probe } = lane;
  const common = { name, rateHz, deadlineMs };
  switch (probe.kind) {
    case 'core-dns':
      return { ...common, ...resolveLane(service, { address: addresses.kubeDns, port: dnsPort }) };
    case 'node-dns-cache':
      return { ...common, ...resolveLane(service, { address: 'node', port: probe.dnsPort }) };
    case 'api-server':
      return { ...common, kind: 'https', url: `https://${addresses.controlPlane}:${apiServerPort}/readyz` };
    case 'loopback':
      return { ...common, kind: 'loopback' };
    case 'operator':
      return undefined;
  }
}

type ResolveLane = Omit<Extract<LaneConfig, { kind: 'resolve' }>, 'name' | 'rateHz' | 'deadlineMs'>;

interface ResolverAddress {
  readonly address: string;
  readonly port: number;
}

/** Looks the service up with one resolver, connects to the answer and asks for `/`. */
export function resolveLane(service: PlannedService, resolver: ResolverAddress): ResolveLane {
  // Absolute: a search list would ask for names that do not exist, and hide what the first answer was.
  const host = `${service.name}.${service.namespace}.svc.cluster.local`;
  return { kind: 'resolve', resolver, host, port: service.port, path: '/' };
}

/** Address of the first control-plane node. */
export function controlPlaneAddress(nodes: readonly { readonly role: string; readonly address: string }[]): string {
  const node = nodes.find((one) => one.role === 'control-plane');
  if (!node) throw new BlackstartError('cluster', 'The cluster has no control-plane node');
  return node.address;
}
