import type { KubeObject } from '../client/types.ts';

type Protocol = 'TCP' | 'UDP';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A virtual address, and where it leads. */
export interface ServicePort extends Endpoint {
  readonly protocol: Protocol;
  /** Without any, connections are refused. */
  readonly endpoints: readonly Endpoint[];
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
}

interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  };
}

interface Slice extends KubeObject {
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[] | null;
}

/** `TCP/127.16.200.10:53`. */
export function portKey({ protocol, address, port }: ServicePort): string {
  return `${protocol}/${address}:${port}`;
}

/** Every port of every Service with a ClusterIP; headless ones have none. IPv4, TCP and UDP only. */
export function servicePorts(services: Iterable<KubeObject>, slices: Iterable<KubeObject>): ServicePort[] {
  const byService = Map.groupBy(slices as Iterable<Slice>, ({ metadata }) =>
    serviceKey(metadata.namespace, metadata.labels?.['kubernetes.io/service-name']),
  );
  return [...services].flatMap((service) => {
    const { type = 'ClusterIP', clusterIP = 'None', ports = [] } = (service['spec'] ?? {}) as ServiceSpec;
    if (type === 'ExternalName' || clusterIP === 'None' || clusterIP === '') return [];
    const own = byService.get(serviceKey(service.metadata.namespace, service.metadata.name)) ?? [];
    return ports.flatMap(({ name, port, protocol = 'TCP' }) =>
      protocol === 'TCP' || protocol === 'UDP'
        ? [{ protocol, address: clusterIP, port, endpoints: endpointsOf(own, name ?? '', protocol) }]
        : [],
    );
  });
}

function serviceKey(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}

/** The ready endpoints; when there are none, those that end but still serve (as kube-proxy since 1.26). */
function endpointsOf(slices: readonly Slice[], portName: string, protocol: Protocol): readonly Endpoint[] {
  const ready = new Map<string, Endpoint>();
  const ending = new Map<string, Endpoint>();
  for (const { endpoints, ports } of slices) {
    const match = ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === protocol);
    if (match === undefined) continue;
    for (const { addresses, conditions = {} } of endpoints ?? []) {
      const [address] = addresses;
      if (address === undefined) continue;
      // Not said means ready; whoever is ready serves.
      const isReady = conditions.ready ?? true;
      const isServing = conditions.serving ?? isReady;
      const group = isReady ? ready : isServing && conditions.terminating === true ? ending : undefined;
      group?.set(`${address}:${match.port}`, { address, port: match.port });
    }
  }
  return [...(ready.size > 0 ? ready : ending).values()];
}
