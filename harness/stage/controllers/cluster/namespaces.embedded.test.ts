import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestCluster, eventually, type TestCluster } from '../testing/cluster.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([]);
});
afterEach(async () => await cluster.stop());

test('a namespace gets its service account and the authority of the API, also one of the same name later', async () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } };
  for (let round = 0; round < 2; round++) {
    cluster.api.store.create('v1/namespaces', namespace);
    await eventually(() => {
      expect(cluster.object('v1/configmaps', 'x/kube-root-ca.crt')?.['data']).toEqual({ 'ca.crt': 'CA' });
      expect(cluster.object('v1/serviceaccounts', 'x/default')).toBeDefined();
    });
    cluster.api.store.delete('v1/namespaces', 'x', {});
    cluster.api.store.delete('v1/configmaps', 'x/kube-root-ca.crt', {});
    cluster.api.store.delete('v1/serviceaccounts', 'x/default', {});
  }
  expect(cluster.problems).toEqual([]);
});
