import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deployment, Node } from './base/kinds.ts';
import { conditionOf, isReady } from './base/objects.ts';
import { startTestCluster, eventually, podsReady, type TestCluster } from './testing/cluster.ts';
import { deployment, node } from './testing/objects.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([node('w1'), node('w2')], 100);
  cluster.api.store.create('apps/v1/deployments', deployment());
  await podsReady(cluster, 2);
});
afterEach(async () => await cluster.stop());

function scale(replicas: number): void {
  const before = cluster.object('apps/v1/deployments', 'x/web') as Deployment;
  cluster.api.store.update('apps/v1/deployments', 'x/web', { ...before, spec: { ...before.spec, replicas } });
}

/** Longer than a node may be silent, and than the longest wait of an informer; the history is lost. */
async function outage(): Promise<void> {
  const { api, clock } = cluster;
  await api.stop();
  const endMs = clock.monotonicMs() + 120_000;
  await eventually(() => expect(clock.monotonicMs()).toBeGreaterThan(endMs));
  api.store.forget();
  await api.start();
}

/** The leases were looked at twice from now on. */
async function leasesAsked(): Promise<void> {
  const from = cluster.api.requests.length;
  await eventually(() =>
    expect(cluster.api.requests.slice(from).filter((request) => request.includes('/leases')).length).toBeGreaterThan(1),
  );
}

test('what changed during an outage is done after it, without a restart', async () => {
  const through = outage();
  scale(4);
  const [gone] = cluster.pods();
  cluster.api.store.delete('v1/pods', `x/${gone?.metadata.name ?? ''}`, { gracePeriodSeconds: 0 });
  await through;
  await eventually(() => {
    const live = cluster.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined);
    expect(live.filter(isReady)).toHaveLength(4);
    expect(cluster.object('apps/v1/deployments', 'x/web')?.['status']).toMatchObject({ readyReplicas: 4 });
  });
});

test('no node is given up because the API was away', async () => {
  const states = new Set<string | undefined>();
  cluster.api.store.listen(({ collection, event }) => {
    if (collection === 'v1/nodes') states.add(conditionOf(event.object as Node, 'Ready')?.status);
  });
  // Kubelets, too, need a moment to notice that the API is back.
  cluster.silent.add('w1').add('w2');
  await leasesAsked();
  await outage();
  await leasesAsked();
  cluster.silent.clear();
  scale(3);
  await podsReady(cluster, 3);
  expect([...states].filter((state) => state !== 'True')).toEqual([]);
});

test('no pod too many is created while the copy of the pods is behind', async () => {
  cluster.api.intercept = (_method, url) => (/\/pods\?.*watch=true/.test(url) ? true : undefined);
  await cluster.api.stop();
  await cluster.api.start();
  const asked = cluster.api.requests.length;
  scale(3);
  const live = (): string[] =>
    cluster.api.requests.slice(asked).filter((request) => request.includes('pods?labelSelector'));
  const touch = (): void => {
    const [set] = cluster.api.store.list('apps/v1/replicasets');
    if (!set) return;
    const annotations = { ...set.metadata.annotations, touched: String(live().length) };
    cluster.api.store.update('apps/v1/replicasets', `x/${set.metadata.name}`, {
      ...set,
      metadata: { ...set.metadata, annotations },
    });
  };
  await eventually(() => {
    touch();
    expect(live().length).toBeGreaterThan(2);
  });
  expect(cluster.pods()).toHaveLength(3);
});
