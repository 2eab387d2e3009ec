import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { startTestCluster, eventually, type TestCluster } from '../testing/cluster.ts';
import { deployment, node, service } from '../testing/objects.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([node('w1'), node('w2')]);
});
afterEach(async () => await cluster.stop());

const slices = (): KubeObject[] => cluster.api.store.list('discovery.k8s.io/v1/endpointslices');
const endpoints = (): KubeObject | undefined => cluster.object('v1/endpoints', 'x/web');

function readyAddresses(): number {
  const [slice] = slices();
  const all = (slice?.['endpoints'] ?? []) as { conditions: { ready: boolean } }[];
  return all.filter(({ conditions }) => conditions.ready).length;
}

test('endpoints follow the pods of a service', async () => {
  cluster.api.store.create('v1/services', service());
  await eventually(() => {
    expect(slices()).toHaveLength(1);
    expect(endpoints()).toMatchObject({ subsets: [] });
  });
  cluster.api.store.create('apps/v1/deployments', deployment());
  await eventually(() => {
    expect(readyAddresses()).toBe(2);
    expect(endpoints()?.['subsets']).toMatchObject([{ addresses: [{}, {}], ports: [{ name: 'http', port: 8080 }] }]);
  });
  cluster.api.store.delete('apps/v1/deployments', 'x/web', {});
  await eventually(() => {
    expect(cluster.pods()).toEqual([]);
    expect(slices()).toMatchObject([{ endpoints: [] }]);
    expect(endpoints()).toMatchObject({ subsets: [] });
  });
});

test('what is right already is not written again', async () => {
  cluster.api.store.create('v1/services', service());
  cluster.api.store.create('apps/v1/deployments', deployment());
  await eventually(() => expect(readyAddresses()).toBe(2));
  for (const word of ['one', 'two', 'three']) {
    const [first] = cluster.pods();
    if (!first) throw new Error('no pod');
    const metadata = { ...first.metadata, annotations: { word } };
    cluster.api.store.update('v1/pods', `x/${first.metadata.name}`, { ...first, metadata });
    const passed = cluster.api.requests.length;
    cluster.api.store.create('v1/services', { ...service(), metadata: { name: word, namespace: 'x' } });
    await eventually(() => expect(cluster.object('v1/endpoints', `x/${word}`)).toBeDefined());
    expect(cluster.api.requests.slice(passed).filter((request) => /PUT .*endpoint.*web/.test(request))).toEqual([]);
  }
});

test('what somebody changes in them is put right, and with the service they go', async () => {
  cluster.api.store.create('v1/services', service());
  await eventually(() => expect(endpoints()).toBeDefined());
  const wrong = { ...(endpoints() as KubeObject), subsets: [{ addresses: [{ ip: '127.1.1.1' }] }] };
  cluster.api.store.update('v1/endpoints', 'x/web', wrong);
  await eventually(() => expect(endpoints()).toMatchObject({ subsets: [] }));
  cluster.api.store.delete('v1/services', 'x/web', {});
  await eventually(() => {
    expect(endpoints()).toBeUndefined();
    expect(slices()).toEqual([]);
  });
});

test('endpoints that somebody else wrote for a service without a selector stay as they are', async () => {
  const own = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'mine', namespace: 'x' }, subsets: [] };
  cluster.api.store.create('v1/endpoints', own);
  const without = service({ selector: {} });
  cluster.api.store.create('v1/services', { ...without, metadata: { ...without.metadata, name: 'mine' } });
  cluster.api.store.create('v1/services', service());
  await eventually(() => expect(endpoints()).toBeDefined());
  expect(cluster.object('v1/endpoints', 'x/mine')?.metadata.generation).toBe(1);
  cluster.api.store.delete('v1/services', 'x/mine', {});
  cluster.api.store.delete('v1/services', 'x/web', {});
  await eventually(() => expect(endpoints()).toBeUndefined());
  expect(cluster.object('v1/endpoints', 'x/mine')).toBeDefined();
});
