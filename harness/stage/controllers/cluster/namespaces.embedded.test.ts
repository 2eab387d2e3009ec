import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestCluster, eventually, podsReady, type TestCluster } from '../testing/cluster.ts';
import { deployment, node, service } from '../testing/objects.ts';

let cluster: TestCluster;
const namespaces = 'v1/namespaces';

beforeEach(async () => {
  cluster = await startTestCluster([node('w1')]);
  const spec = { finalizers: ['kubernetes'] };
  cluster.api.store.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' }, spec });
});
afterEach(async () => await cluster.stop());

test('a namespace has a service account and the certificate authority, also when they were deleted or changed', async () => {
  const rootCa = (): unknown => cluster.object('v1/configmaps', 'x/kube-root-ca.crt')?.['data'];
  await eventually(() => {
    expect(rootCa()).toEqual({ 'ca.crt': 'CA' });
    expect(cluster.object('v1/serviceaccounts', 'x/default')).toBeDefined();
  });
  cluster.api.store.delete('v1/serviceaccounts', 'x/default', {});
  cluster.api.store.delete('v1/configmaps', 'x/kube-root-ca.crt', {});
  await eventually(() => {
    expect(cluster.object('v1/serviceaccounts', 'x/default')).toBeDefined();
    expect(rootCa()).toEqual({ 'ca.crt': 'CA' });
  });
  const changed = cluster.api.store.get('v1/configmaps', 'x/kube-root-ca.crt');
  cluster.api.store.update('v1/configmaps', 'x/kube-root-ca.crt', { ...changed, data: { 'ca.crt': 'forged' } });
  await eventually(() => expect(rootCa()).toEqual({ 'ca.crt': 'CA' }));
});

test('a namespace that is deleted goes when everything in it is gone, and nothing comes back', async () => {
  cluster.api.store.create('v1/services', service());
  cluster.api.store.create('apps/v1/deployments', deployment());
  await podsReady(cluster, 2);
  const left: number[] = [];
  cluster.api.store.listen(({ collection, event }) => {
    if (collection === namespaces && event.type === 'DELETED') left.push(cluster.pods().length);
  });
  cluster.api.store.delete(namespaces, 'x', {});
  await eventually(() => expect(cluster.object(namespaces, 'x')).toBeUndefined());
  expect(left).toEqual([0]);
  const rest = cluster.api.store.collections().flatMap((collection) => cluster.api.store.list(collection));
  expect(rest.filter(({ kind, metadata }) => metadata.namespace === 'x' && kind !== 'Event')).toEqual([]);
});
