import { startFakeApi, type FakeApi } from '../../client/fake-api.ts';
import type { KubeObject } from '../../client/types.ts';

const unready = '10.1.0.3';

/** A fake API with a small cluster in it. */
export async function startClusterApi(): Promise<FakeApi> {
  const api = await startFakeApi();
  const many = Array.from({ length: 40 }, (_, index) => `10.2.0.${index + 1}`);
  api.store.create('v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  for (const [name, clusterIP, addresses] of [
    ['web', '10.96.0.20', ['10.1.0.1']],
    ['peers', 'None', ['10.1.0.1', '10.1.0.2', unready]],
    ['many', 'None', many],
  ] as const) {
    api.store.create('v1/services', service(name, clusterIP));
    api.store.create('discovery.k8s.io/v1/endpointslices', endpointSlice(name, addresses));
  }
  return api;
}

export function service(name: string, clusterIP: string): KubeObject {
  const spec = { clusterIP, clusterIPs: [clusterIP], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec };
}

/** The first address has a host name. */
function endpointSlice(name: string, addresses: readonly string[]): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: addresses.map((ip, index) => ({
      addresses: [ip],
      conditions: { ready: ip !== unready },
      ...(index === 0 && { hostname: 'first' }),
    })),
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  };
}

/** kubeadm's server block. `{$API}` is the API server, `upstream` has all other names. */
export function clusterCorefile(upstream: string): string {
  return `
    .:{$DNS_PORT} {
        bind {$DNS_HOST}
        health {$DNS_HOST}:8080
        ready {$DNS_HOST}:8181
        kubernetes cluster.local in-addr.arpa ip6.arpa {
            endpoint {$API}
            pods insecure
            fallthrough in-addr.arpa ip6.arpa
            ttl 30
        }
        prometheus {$DNS_HOST}:9153
        forward . ${upstream}
        cache 30 {
            disable success cluster.local
            disable denial cluster.local
        }
        loadbalance
    }`;
}
