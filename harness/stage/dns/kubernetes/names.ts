import { isIPv4 } from 'node:net';
import type { KubeObject } from '../../client/types.ts';

/** What is known by its name, without the zone, and the addresses that it stands for. */
export type Names = ReadonlyMap<string, ReadonlySet<string>>;

interface Slice extends KubeObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly hostname?: string;
  }[];
}

/**
 * By the Kubernetes DNS specification: `SERVICE.NAMESPACE.svc` and `ENDPOINT.SERVICE.NAMESPACE.svc`, with IPv4
 * addresses. External services and the names of ports are not known.
 */
export function namesOf(
  namespaces: Iterable<string>,
  services: Iterable<KubeObject>,
  slices: Iterable<KubeObject>,
): Names {
  const names = new Map(['', 'svc', 'pod', 'ns.dns'].map((name) => [name, new Set<string>()]));
  for (const namespace of namespaces) {
    names.set(`${namespace}.svc`, new Set()).set(`${namespace}.pod`, new Set());
  }
  const headless = new Set<string>();
  for (const { metadata, spec } of services) {
    const { clusterIP = '' } = (spec ?? {}) as { clusterIP?: string };
    const name = `${metadata.name}.${metadata.namespace}.svc`;
    if (!names.has(`${metadata.namespace}.svc`)) continue;
    if (clusterIP === 'None') headless.add(name);
    else if (isIPv4(clusterIP)) names.set(name, new Set([clusterIP]));
  }
  const add = (name: string, address: string): unknown =>
    names.get(name)?.add(address) ?? names.set(name, new Set([address]));
  for (const { metadata, endpoints = [] } of slices as Iterable<Slice>) {
    const service = `${metadata.labels?.['kubernetes.io/service-name']}.${metadata.namespace}.svc`;
    const isHeadless = headless.has(service);
    if (!isHeadless && !names.has(service)) continue;
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    for (const { addresses, hostname } of ready) {
      for (const address of addresses.filter(isIPv4)) {
        add(`${(hostname || address.replaceAll('.', '-')).toLowerCase()}.${service}`, address);
        if (isHeadless) add(service, address);
      }
    }
  }
  return names;
}

/** The address in `1-2-3-4.NAMESPACE.pod`. */
export function podAddress(names: Names, name: string): ReadonlySet<string> | undefined {
  const [, pod = '', namespace] = /^([\d-]+)\.([^.]+)\.pod$/.exec(name) ?? [];
  const address = pod.replaceAll('-', '.');
  return isIPv4(address) && names.has(`${namespace}.pod`) ? new Set([address]) : undefined;
}
