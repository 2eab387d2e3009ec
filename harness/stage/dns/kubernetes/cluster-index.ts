import { isIP } from 'node:net';
import type { KubeObject } from '../../client/types.ts';

export interface Port {
  readonly name: string;
  readonly protocol: string;
  /** -1 when none is declared. */
  readonly port: number;
}

export interface ServiceEntry {
  readonly name: string;
  readonly namespace: string;
  /** Empty for headless and external services. */
  readonly clusterIps: readonly string[];
  readonly isHeadless: boolean;
  /** Only of type ExternalName. */
  readonly externalName: string | undefined;
  readonly ports: readonly Port[];
}

/** One EndpointSlice, without what is not ready. */
interface EndpointsEntry {
  /** `SERVICE.NAMESPACE`. */
  readonly service: string;
  readonly addresses: readonly { readonly ip: string; readonly hostname: string }[];
  readonly ports: readonly Port[];
}

export interface ClusterIndex {
  /** By `SERVICE.NAMESPACE`. */
  readonly services: ReadonlyMap<string, ServiceEntry>;
  readonly endpoints: ReadonlyMap<string, readonly EndpointsEntry[]>;
  readonly servicesByIp: ReadonlyMap<string, ServiceEntry>;
  readonly endpointsByIp: ReadonlyMap<string, readonly EndpointsEntry[]>;
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalName?: string;
  readonly ports?: readonly Partial<Port>[];
}

interface SliceFields {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly hostname?: string;
  }[];
  readonly ports?: readonly Partial<Port>[];
}

const serviceNameLabel = 'kubernetes.io/service-name';

export function indexObjects(services: readonly KubeObject[], endpointSlices: readonly KubeObject[]): ClusterIndex {
  const serviceEntries = services.map(serviceEntry);
  const endpointsEntries = endpointSlices.map(endpointsEntry);
  const endpointsByIp = new Map<string, EndpointsEntry[]>();
  for (const entry of endpointsEntries) {
    for (const { ip } of entry.addresses) endpointsByIp.set(ip, [...(endpointsByIp.get(ip) ?? []), entry]);
  }
  return {
    services: new Map(serviceEntries.map((entry) => [`${entry.name}.${entry.namespace}`, entry])),
    endpoints: Map.groupBy(endpointsEntries, ({ service }) => service),
    servicesByIp: new Map(serviceEntries.flatMap((entry) => entry.clusterIps.map((ip) => [ip, entry] as const))),
    endpointsByIp,
  };
}

function serviceEntry({ metadata, spec }: KubeObject): ServiceEntry {
  const { type, clusterIP = '', clusterIPs = [clusterIP], externalName = '', ports } = (spec ?? {}) as ServiceSpec;
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    clusterIps: clusterIPs.filter((ip) => isIP(ip) !== 0),
    isHeadless: clusterIPs[0] === 'None',
    externalName: type === 'ExternalName' ? externalName : undefined,
    ports: portsOf(ports),
  };
}

function endpointsEntry(object: KubeObject): EndpointsEntry {
  const { endpoints, ports } = object as KubeObject & SliceFields;
  const { labels, namespace = '' } = object.metadata;
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  return {
    service: `${labels?.[serviceNameLabel] ?? ''}.${namespace}`,
    addresses: ready.flatMap(({ addresses, hostname }) =>
      addresses.map((ip) => ({ ip, hostname: hostname || ip.replaceAll(/[.:]/g, '-') })),
    ),
    ports: portsOf(ports),
  };
}

function portsOf(ports: readonly Partial<Port>[] | undefined): Port[] {
  const none = { name: '', protocol: '', port: -1 };
  return ports && ports.length > 0 ? ports.map((port) => ({ ...none, ...port })) : [none];
}
