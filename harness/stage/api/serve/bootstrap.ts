import type { KubeObject } from '../../client/types.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from '../flow/defaults.ts';
import { builtIn, storageKey } from '../resources.ts';
import type { Api } from '../rest/api.ts';
import { prepareCreate } from '../rest/prepare.ts';

const manager = 'kube-apiserver';

interface Address {
  readonly address: string;
  readonly port: number;
}

/** Makes what every cluster has and nobody else makes. What is there stays as it is. */
export function bootstrap(api: Api, server: Address): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    ensure(api, 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const level of defaultPriorityLevels) ensure(api, 'prioritylevelconfigurations', level);
  for (const schema of defaultFlowSchemas) ensure(api, 'flowschemas', schema);
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const port = { name: 'https', port: 443, protocol: 'TCP', targetPort: server.port };
  ensure(api, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: api.services.first, ports: [port] },
  });
  publishAddress(api, server);
}

function ensure(
  api: Api,
  plural: string,
  object: KubeObject,
  change = (current: KubeObject): KubeObject => current,
): void {
  const type = builtIn(plural);
  const { namespace = '', name } = object.metadata;
  api.store.write({ resource: storageKey(type), namespace, name }, (current) =>
    current ? change(current) : prepareCreate(api, { type, manager }, object, { record: true, subresource: '' }),
  );
}

/** Adds this server to those that the Service `kubernetes` leads to. */
function publishAddress(api: Api, { address, port }: Address): void {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [subsetOf([address], ports)],
  };
  ensure(api, 'endpoints', endpoints, (current) => {
    const [subset] = (current['subsets'] ?? []) as { addresses?: { ip: string }[] }[];
    const ips = subset?.addresses?.map(({ ip }) => ip) ?? [];
    return ips.includes(address) ? current : { ...current, subsets: [subsetOf([...ips, address].toSorted(), ports)] };
  });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: listed([address]),
    ports,
  };
  ensure(api, 'endpointslices', slice, (current) => {
    const addresses = ((current['endpoints'] ?? []) as { addresses: string[] }[]).flatMap((one) => one.addresses);
    if (addresses.includes(address)) return current;
    return { ...current, endpoints: listed([...addresses, address].toSorted()) };
  });
}

function subsetOf(ips: readonly string[], ports: readonly object[]): object {
  return { addresses: ips.map((ip) => ({ ip })), ports };
}

function listed(addresses: readonly string[]): object[] {
  return addresses.map((one) => ({
    addresses: [one],
    conditions: { ready: true, serving: true, terminating: false },
  }));
}
