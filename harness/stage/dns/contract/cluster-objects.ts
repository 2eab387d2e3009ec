import { startFakeApi, type FakeApi } from '../../client/fake-api.ts';
import type { KubeObject } from '../../client/types.ts';

/** A fake API with a small cluster in it. */
export async function startClusterApi(): Promise<FakeApi> {
  const api = await startFakeApi();
  for (const name of ['default', 'shop']) {
    api.store.create('v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  api.store.create('v1/services', service('kubernetes', { namespace: 'default', clusterIP: '10.96.0.1' }));
  api.store.create('v1/services', service('web', { clusterIP: '10.96.0.20' }));
  api.store.create('v1/services', service('peers', { clusterIP: 'None' }));
  api.store.create('v1/services', service('many', { clusterIP: 'None' }));
  api.store.create(
    'v1/services',
    service('alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  );
  api.store.create('v1/services', service('outside', { type: 'ExternalName', externalName: 'www.example.org' }));
  const slices = 'discovery.k8s.io/v1/endpointslices';
  api.store.create(slices, endpointSlice('web', ['10.1.0.1']));
  api.store.create(slices, endpointSlice('peers', ['10.1.0.1', '10.1.0.2'], ['10.1.0.3']));
  const many = Array.from({ length: 40 }, (_, index) => `10.2.0.${index + 1}`);
  api.store.create(slices, endpointSlice('many', many));
  return api;
}

export function service(name: string, { namespace = 'shop', ...spec }: Record<string, string>): KubeObject {
  const ports = [
    { name: 'http', port: 80, protocol: 'TCP' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  const clusterIPs = spec['clusterIP'] === undefined ? undefined : [spec['clusterIP']];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ...spec, clusterIPs, ports } };
}

/** The first address has a host name. */
function endpointSlice(serviceName: string, ready: readonly string[], unready: readonly string[] = []): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${serviceName}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    endpoints: [
      ...ready.map((ip, index) => ({
        addresses: [ip],
        conditions: { ready: true },
        ...(index === 0 && { hostname: 'first' }),
      })),
      ...unready.map((ip) => ({ addresses: [ip], conditions: { ready: false } })),
    ],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  };
}

/** kubeadm's server block, on the addresses of the test. `{$API}` is the API server, `upstream` what is not of the cluster. */
export function clusterCorefile(upstream: string): string {
  return `
    .:{$DNS_PORT} {
        bind {$DNS_HOST}
        errors
        health {$DNS_HOST}:8080
        ready {$DNS_HOST}:8181
        kubernetes cluster.local in-addr.arpa ip6.arpa {
            endpoint {$API}
            pods insecure
            fallthrough in-addr.arpa ip6.arpa
            ttl 30
        }
        prometheus {$DNS_HOST}:9153
        forward . ${upstream} {
            max_concurrent 1000
        }
        cache 30 {
            disable success cluster.local
            disable denial cluster.local
        }
        loadbalance
    }`;
}
