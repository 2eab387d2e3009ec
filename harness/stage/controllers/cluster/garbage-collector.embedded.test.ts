import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestCluster, eventually, podsReady, type TestCluster } from '../testing/cluster.ts';
import { deployment, node, pod } from '../testing/objects.ts';

let cluster: TestCluster;
const deployments = 'apps/v1/deployments';
const replicaSets = 'apps/v1/replicasets';

beforeEach(async () => {
  cluster = await startTestCluster([node('w1'), node('w2')]);
  cluster.api.store.create(deployments, deployment());
  await podsReady(cluster, 2);
});
afterEach(async () => await cluster.stop());

test('what a Deployment owns goes with it', async () => {
  cluster.api.store.delete(deployments, 'x/web', { propagationPolicy: 'Background' });
  await eventually(() => {
    expect(cluster.api.store.list(replicaSets)).toEqual([]);
    expect(cluster.pods()).toEqual([]);
  });
});

test('in the foreground the Deployment goes last', async () => {
  const gone: string[] = [];
  cluster.api.store.listen(({ event }) => {
    if (event.type === 'DELETED') gone.push(event.object.kind);
  });
  cluster.api.store.delete(deployments, 'x/web', { propagationPolicy: 'Foreground' });
  await eventually(() => expect(gone).toEqual(['Pod', 'Pod', 'ReplicaSet', 'Deployment']));
});

test('orphans stay, and a new Deployment that cannot have them says so', async () => {
  const names = cluster.pods().map(({ metadata }) => metadata.name);
  cluster.api.store.delete(deployments, 'x/web', { propagationPolicy: 'Orphan' });
  await eventually(() => {
    expect(cluster.api.store.list(deployments)).toEqual([]);
    expect(cluster.api.store.list(replicaSets)[0]?.metadata.ownerReferences).toEqual([]);
  });
  expect(cluster.pods().map(({ metadata }) => metadata.name)).toEqual(names);
  cluster.api.store.create(deployments, deployment());
  await eventually(() => expect(cluster.events('web').at(-1)).toContain('orphans are not adopted'));
});

test('an object with an owner that is still there, or of a kind that is not followed, stays', async () => {
  const owner = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'uid-of-a-widget' };
  cluster.api.store.create(
    'v1/pods',
    pod('kept', { metadata: { ownerReferences: [owner] }, labels: { app: 'other' } }),
  );
  const lost = { ...owner, apiVersion: 'v1', kind: 'Node' };
  cluster.api.store.create('v1/pods', pod('lost', { metadata: { ownerReferences: [lost] }, labels: { app: 'other' } }));
  await eventually(() => expect(cluster.object('v1/pods', 'x/lost')).toBeUndefined());
  expect(cluster.object('v1/pods', 'x/kept')).toBeDefined();
  expect(cluster.object(deployments, 'x/web')).toBeDefined();
});
