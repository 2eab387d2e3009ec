import { isIP } from 'node:net';
import type { ClusterIndex, Port, ServiceEntry } from './cluster-index.ts';
import type { ClusterStore } from './store.ts';

/** Something that a name stands for. */
export interface Target {
  /** An address, or the name that an external service stands for. */
  readonly host: string;
  readonly port: number;
  /** The name of the service or endpoint itself, without the zone. */
  readonly name: string;
}

interface Asked {
  readonly port: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly service: string;
  readonly namespace: string;
}

/**
 * What a name stands for, by the Kubernetes DNS specification: `[ENDPOINT.|_PORT._PROTOCOL.]SERVICE.NAMESPACE.svc` or
 * `1-2-3-4.NAMESPACE.pod`. Undefined: there is no such name; empty: the name exists and has no addresses.
 *
 * @param name in lower case, without the zone; empty for the zone itself.
 */
export function findTargets(
  store: Pick<ClusterStore, 'index' | 'namespaceExists'>,
  name: string,
  podsInsecure: boolean,
): Target[] | undefined {
  if (['', 'svc', 'pod', 'ns.dns'].includes(name)) return [];
  const labels = name.split('.');
  const kind = labels.pop();
  const namespace = labels.pop() ?? '';
  if ((kind !== 'svc' && kind !== 'pod') || !store.namespaceExists(namespace)) return undefined;
  const service = labels.pop();
  if (service === undefined) return [];
  const [first = '', second = ''] = labels;
  if (labels.length > 2) return undefined;
  if (kind === 'pod') return podsInsecure ? findPod(service, namespace) : undefined;
  const hasPort = labels.length === 2;
  return findService(store.index, {
    port: hasPort ? first.replace(/^_/, '') : '',
    protocol: hasPort ? second.replace(/^_/, '') : '',
    endpoint: hasPort ? '' : first,
    service,
    namespace,
  });
}

function findPod(pod: string, namespace: string): Target[] | undefined {
  const isV4 = pod.split('-').length === 4 && !pod.includes('--');
  const host = pod.replaceAll('-', isV4 ? '.' : ':');
  return isIP(host) === 0 ? undefined : [{ host, port: 0, name: `${pod}.${namespace}.pod` }];
}

function findService(index: ClusterIndex, asked: Asked): Target[] | undefined {
  const key = `${asked.service}.${asked.namespace}`;
  const service = index.services.get(key);
  if (!service) return undefined;
  if (service.externalName !== undefined) return findExternal(service.externalName, asked);
  if (!service.isHeadless && asked.endpoint === '') return findClusterIps(service, asked);
  const found = (index.endpoints.get(key) ?? []).flatMap(({ addresses, ports }) =>
    addresses
      .filter(({ hostname }) => asked.endpoint === '' || asked.endpoint === hostname.toLowerCase())
      .flatMap(({ ip, hostname }) =>
        ports
          .filter((port) => matches(asked, port))
          .map(({ port }) => ({ host: ip, port, name: `${hostname}.${key}.svc` })),
      ),
  );
  return found.length > 0 ? found : undefined;
}

function findExternal(externalName: string, { endpoint, port, service, namespace }: Asked): Target[] | undefined {
  if (endpoint !== '' || port !== '' || isIP(externalName) !== 0) return undefined;
  return [{ host: externalName.replace(/\.$/, ''), port: 0, name: `${service}.${namespace}.svc` }];
}

function findClusterIps({ name, namespace, clusterIps, ports }: ServiceEntry, asked: Asked): Target[] | undefined {
  const matching = ports.filter((port) => matches(asked, port));
  if (matching.length === 0) return undefined;
  return matching.flatMap(({ port }) => clusterIps.map((host) => ({ host, port, name: `${name}.${namespace}.svc` })));
}

function matches(asked: Asked, { name, protocol }: Port): boolean {
  return isOrAny(asked.port, name) && isOrAny(asked.protocol, protocol);
}

function isOrAny(asked: string, value: string): boolean {
  return asked === '' || asked === value.toLowerCase();
}

/** The names that belong to an address, without the zone; of a service if it is a ClusterIP, else of its endpoints. */
export function namesOf({ servicesByIp, endpointsByIp }: ClusterIndex, ip: string): string[] {
  const service = servicesByIp.get(ip);
  if (service) return [`${service.name}.${service.namespace}.svc`];
  return (endpointsByIp.get(ip) ?? []).flatMap((entry) =>
    entry.addresses.filter((address) => address.ip === ip).map(({ hostname }) => `${hostname}.${entry.service}.svc`),
  );
}

/** 10.96.0.1 for `1.0.96.10.in-addr.arpa`; undefined for anything else. */
export function reverseAddress(key: string): string | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(key);
  const ip = match?.slice(1).toReversed().join('.');
  return ip !== undefined && isIP(ip) !== 0 ? ip : undefined;
}
