import type { KubeObject } from '../../client/types.ts';
import { bootstrapPolicy } from '../auth/bootstrap-policy.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from '../flow/defaults.ts';
import { listAt, textsAt } from '../json.ts';
import { builtIn, storageKey } from '../resources.ts';
import type { Api } from '../rest/api.ts';
import { prepareCreate } from '../rest/prepare.ts';

interface Registered {
  readonly address: string;
  readonly port: number;
  readonly registers: boolean;
}

/** Makes what every cluster has and nobody else makes. Adds this server to the Service `kubernetes`, if it registers. */
export function bootstrap(api: Api, { address, port, registers }: Registered): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    ensure(api, 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const role of bootstrapPolicy.clusterroles) ensure(api, 'clusterroles', role);
  for (const binding of bootstrapPolicy.clusterrolebindings) ensure(api, 'clusterrolebindings', binding);
  for (const level of defaultPriorityLevels) ensure(api, 'prioritylevelconfigurations', level);
  for (const schema of defaultFlowSchemas) ensure(api, 'flowschemas', schema);
  if (!registers) return;
  const named = { name: 'kubernetes', namespace: 'default' };
  const https = { name: 'https', protocol: 'TCP' };
  ensure(api, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...named, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: `${api.servicePrefix}1`, ports: [{ ...https, port: 443, targetPort: port }] },
  });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...named, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    ports: [{ ...https, port }],
  };
  const conditions = { ready: true, serving: true, terminating: false };
  ensure(api, 'endpointslices', slice, (current) => {
    const known = listAt(current, 'endpoints').flatMap((one) => textsAt(one, 'addresses'));
    if (known.includes(address)) return current;
    const addresses = [...known, address].toSorted((a, b) => (a < b ? -1 : 1));
    return { ...current, endpoints: addresses.map((one) => ({ addresses: [one], conditions })) };
  });
}

/** Makes what is not there, then changes it where `change` is given. */
function ensure(
  api: Api,
  plural: string,
  object: KubeObject,
  change = (current: KubeObject): KubeObject => current,
): void {
  const type = builtIn(plural);
  const { namespace = '', name } = object.metadata;
  api.store.write({ resource: storageKey(type), namespace, name }, (current) =>
    change(current ?? prepareCreate(api, { type, manager: 'kube-apiserver' }, object)),
  );
}
