import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { seededRandom } from '../../core/random.ts';
import { startApiServer, type ApiServer } from '../api/serve/server.ts';
import { makeTestCluster, type TestCluster } from '../api/testing/test-api.ts';
import { clientCertificate } from '../pki/pki.ts';
import { informer } from '../client/informer.ts';
import { openClient } from '../client/open-client.ts';
import { resources } from '../client/resources.ts';
import type { KubeObject, Resource, StageClient } from '../client/types.ts';
import type { Deployment, Node, Pod } from './base/kinds.ts';
import { startControllers } from './start.ts';
import { deployment, node, service } from './testing/objects.ts';

let cluster: TestCluster;
let api: ApiServer;
let client: StageClient;
let stops: (() => void)[];
let ending: Promise<void>[];

beforeEach(async () => {
  cluster = await makeTestCluster();
  ending = [];
  api = await startApiServer(cluster.options, systemClock);
  await api.ready;
  client = await connect('kubernetes-admin', ['system:masters']);
  const own = await connect('system:kube-controller-manager', []);
  const controllers = startControllers({
    client: own,
    rootCa: cluster.ca.cert,
    clock: systemClock,
    random: seededRandom(1),
    onError: () => undefined,
  });
  const kubelet = informer(client, resources.pods, {
    onChange: ({ object }) => void sync(object as Pod).catch(() => undefined),
  });
  stops = [() => controllers.stop(), () => own.close(), () => kubelet.stop(), () => client.close()];
});

afterEach(async () => {
  for (const stop of stops) stop();
  await Promise.all([...ending, api.close()]);
  cluster.remove();
});

async function connect(user: string, groups: string[]): Promise<StageClient> {
  const { cert, key } = await clientCertificate(cluster.ca, { user, groups });
  return openClient({ server: api.url, ca: cluster.ca.cert, cert, key, userAgent: 'test' });
}

/** What a kubelet does with a pod. */
async function sync({ metadata, spec, status }: Pod): Promise<void> {
  if (spec.nodeName === undefined) return;
  if (metadata.deletionTimestamp !== undefined) {
    await client.delete(resources.pods, metadata, { gracePeriodSeconds: 0 });
  } else if (status?.phase !== 'Running') {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    const running = { phase: 'Running', podIP: '127.9.1.2', podIPs: [{ ip: '127.9.1.2' }], conditions };
    await client.patch(resources.pods, metadata, { status: running }, 'status');
  }
}

/** Created with its status, which a client must write apart. */
async function create(resource: Resource, { metadata, ...rest }: KubeObject): Promise<void> {
  const { uid: _, generation: _generation, creationTimestamp: _at, ...own } = metadata;
  await client.create(resource, { ...rest, metadata: own });
  if (rest['status'] !== undefined) await client.patch(resource, own, { status: rest['status'] }, 'status');
}

async function eventually(check: () => Promise<void>): Promise<void> {
  await expect.poll(async () => await check().then(() => 'well', String), { timeout: 15_000 }).toBe('well');
}

async function rolledOut(revision: string, replicas: number): Promise<void> {
  await eventually(async () => {
    const web = (await client.get(resources.deployments, 'x', 'web')) as Deployment;
    expect(web.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': revision });
    const { generation } = web.metadata;
    expect(web.status).toMatchObject({ observedGeneration: generation, replicas, updatedReplicas: replicas });
    expect(web.status).toMatchObject({ availableReplicas: replicas });
  });
}

async function restartApi(): Promise<void> {
  const { port } = new URL(api.url);
  // It lets connections end by themselves, for up to 30 s; its successor need not wait for that.
  ending.push(api.close());
  api = await startApiServer({ ...cluster.options, port: Number(port) }, systemClock);
  await api.ready;
}

test('with the real API: pods are placed, rolled, served, and gone with their namespace, also across a restart of it', async () => {
  await create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } });
  for (const each of [node('cp', { role: 'control-plane' }), node('w1'), node('w2')])
    await create(resources.nodes, each);
  await create(resources.services, service());
  await create(resources.deployments, deployment());
  await rolledOut('1', 2);
  const { items: pods } = await client.list(resources.pods, { namespace: 'x' });
  expect(new Set(pods.map((pod) => (pod as Pod).spec.nodeName))).toEqual(new Set(['w1', 'w2']));
  await eventually(async () => {
    expect(await client.get(resources.endpoints, 'x', 'web')).toMatchObject({ subsets: [{ addresses: [{}, {}] }] });
    const { items } = await client.list(resources.endpointSlices, { namespace: 'x' });
    expect(items).toMatchObject([{ endpoints: [{ conditions: { ready: true } }, { conditions: { ready: true } }] }]);
  });
  await restartApi();
  const annotations = { version: 'two' };
  await client.patch(
    resources.deployments,
    { namespace: 'x', name: 'web' },
    {
      spec: { replicas: 3, template: { metadata: { annotations } } },
    },
  );
  await rolledOut('2', 3);
  expect((await client.list(resources.replicaSets, { namespace: 'x' })).items).toHaveLength(2);
  await client.delete(resources.deployments, { namespace: 'x', name: 'web' }, { propagationPolicy: 'Foreground' });
  await eventually(async () => {
    for (const resource of [resources.deployments, resources.replicaSets, resources.pods]) {
      expect((await client.list(resource, { namespace: 'x' })).items).toEqual([]);
    }
  });
  await client.delete(resources.namespaces, { name: 'x' });
  await eventually(async () => expect(await client.get(resources.namespaces, undefined, 'x')).toBeUndefined());
});

test('with the real API: a cordoned node is tainted, and a pod that fits nowhere says why', async () => {
  await create(resources.nodes, { ...node('w1'), spec: { unschedulable: true } });
  await eventually(async () => {
    const { spec } = (await client.get(resources.nodes, undefined, 'w1')) as Node;
    expect(spec?.taints).toMatchObject([{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]);
  });
  const spec = { containers: [{ name: 'c', image: 'node:24' }] };
  await create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec });
  await eventually(async () => {
    const { status } = (await client.get(resources.pods, 'default', 'p')) as Pod;
    const message = '0/1 nodes are available: 1 node(s) were unschedulable.';
    expect(status?.conditions).toMatchObject([{ type: 'PodScheduled', reason: 'Unschedulable', message }]);
  });
});
