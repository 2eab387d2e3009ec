import { isIPv4 } from 'node:net';
import type { KubeObject } from '../client/types.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

interface Slice extends KubeObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  }[];
  readonly ports?: readonly Port[];
}

/** Every IPv4 address and port of a Service, and where it leads: without any endpoint connections are refused. */
export function servicePorts(services: Iterable<KubeObject>, slices: Iterable<KubeObject>) {
  const serviceOf = ({ metadata: { namespace, labels } }: Slice): string =>
    `${namespace}/${labels?.['kubernetes.io/service-name']}`;
  const byService = Map.groupBy(slices as Iterable<Slice>, serviceOf);
  return [...services].flatMap(({ metadata, spec }) => {
    const { clusterIP = '', ports } = (spec ?? {}) as { clusterIP?: string; ports?: readonly Port[] };
    const own = byService.get(`${metadata.namespace}/${metadata.name}`) ?? [];
    if (!isIPv4(clusterIP) || !ports) return [];
    return ports.map(({ name = '', port, protocol = 'TCP' }) => {
      return { protocol, address: clusterIP, port, endpoints: endpointsOf(own, name, protocol) };
    });
  });
}

/** The ready endpoints; when there are none, those that end but still serve (as kube-proxy since 1.26). */
function endpointsOf(slices: readonly Slice[], portName: string, protocol: string): readonly Endpoint[] {
  const all = slices.flatMap(({ endpoints, ports }) => {
    const match = ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === protocol);
    if (!match) return [];
    return (endpoints ?? []).map(({ addresses: [address = ''], ...rest }) => ({ address, port: match.port, ...rest }));
  });
  const ready = all.filter(({ conditions }) => conditions?.ready !== false);
  return ready.length > 0 ? ready : all.filter(({ conditions }) => conditions?.serving && conditions.terminating);
}
