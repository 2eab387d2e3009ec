import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Node } from '../base/kinds.ts';
import { conditionOf, isReady, isTerminating } from '../base/pod-state.ts';
import { startTestCluster, eventually, podsReady, type TestCluster } from '../testing/cluster.ts';
import { deployment, node, service } from '../testing/objects.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([node('w1'), node('w2')], 100);
});
afterEach(async () => await cluster.stop());

const nodeCalled = (name: string): Node => cluster.object('v1/nodes', name) as Node;

function readyAddresses(): string[] {
  const [slice] = cluster.api.store.list('discovery.k8s.io/v1/endpointslices');
  const all = (slice?.['endpoints'] ?? []) as { nodeName: string; conditions: { ready: boolean } }[];
  return all.filter(({ conditions }) => conditions.ready).map(({ nodeName }) => nodeName);
}

test('a node that is no longer heard of loses its endpoints, then its pods, and gets better', async () => {
  cluster.api.store.create('v1/services', service());
  cluster.api.store.create('apps/v1/deployments', deployment());
  await eventually(() => expect(readyAddresses().toSorted()).toEqual(['w1', 'w2']));
  cluster.silent.add('w2');
  await eventually(() => {
    expect(conditionOf(nodeCalled('w2'), 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(nodeCalled('w2').spec?.taints).toMatchObject([
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
    ]);
    expect(readyAddresses()).toEqual(['w1']);
  });
  expect(cluster.pods().filter(isTerminating)).toEqual([]);
  await eventually(() => {
    expect(
      cluster
        .pods()
        .filter(isTerminating)
        .map(({ spec }) => spec.nodeName),
    ).toEqual(['w2']);
    expect(readyAddresses()).toEqual(['w1', 'w1']);
  });
  cluster.silent.delete('w2');
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  cluster.api.store.update('v1/nodes', 'w2', { ...nodeCalled('w2'), status }, 'status');
  await eventually(() => expect(nodeCalled('w2').spec).not.toHaveProperty('taints'));
  expect(nodeCalled('w1').spec?.taints).toBeUndefined();
});

test('a node that is cordoned is tainted, and no longer when it is not', async () => {
  cluster.api.store.update('v1/nodes', 'w1', { ...nodeCalled('w1'), spec: { unschedulable: true } });
  await eventually(() => {
    expect(nodeCalled('w1').spec?.taints).toMatchObject([{ key: 'node.kubernetes.io/unschedulable' }]);
  });
  const { taints = [] } = nodeCalled('w1').spec ?? {};
  cluster.api.store.update('v1/nodes', 'w1', { ...nodeCalled('w1'), spec: { taints } });
  await eventually(() => expect(nodeCalled('w1').spec).not.toHaveProperty('taints'));
});

test('pods of a node that was deleted are removed', async () => {
  cluster.api.store.create('apps/v1/deployments', deployment());
  await podsReady(cluster, 2);
  cluster.silent.add('w2');
  cluster.api.store.delete('v1/nodes', 'w2', {});
  await eventually(() => {
    expect(
      cluster
        .pods()
        .filter(isReady)
        .map(({ spec }) => spec.nodeName),
    ).toEqual(['w1', 'w1']);
    expect(cluster.pods()).toHaveLength(2);
  });
});
