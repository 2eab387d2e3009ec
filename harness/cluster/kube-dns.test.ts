import { expect, it } from 'vitest';
import type { ApiClient, KubeObject } from './client.ts';
import { kubeDnsAddress } from './kube-dns.ts';

const answering = (service: KubeObject | undefined): ApiClient =>
  ({ get: async () => service }) as Partial<ApiClient> as ApiClient;
const service = (clusterIP: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns' },
  spec: { clusterIP },
});

it('is the ClusterIP of the Service kube-dns', async () => {
  await expect(kubeDnsAddress(answering(service('10.96.0.10')))).resolves.toBe('10.96.0.10');
});

it.each([[undefined], [service('None')]])('is an error without such a Service', async (found) => {
  await expect(kubeDnsAddress(answering(found))).rejects.toThrow('no Service kube-system/kube-dns');
});
