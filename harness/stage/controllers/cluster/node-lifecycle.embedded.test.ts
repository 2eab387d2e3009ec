import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Node } from '../base/kinds.ts';
import { conditionOf } from '../base/objects.ts';
import { startTestCluster, eventually, type TestCluster } from '../testing/cluster.ts';
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

test('a node that is no longer heard of takes no new pods, its pods are not ready, and it gets better', async () => {
  cluster.api.store.create('v1/services', service());
  cluster.api.store.create('apps/v1/deployments', deployment());
  await eventually(() => expect(readyAddresses().toSorted()).toEqual(['w1', 'w2']));
  cluster.silent.add('w2');
  await eventually(() => {
    expect(conditionOf(nodeCalled('w2'), 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(nodeCalled('w2').spec?.taints).toMatchObject([
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
    ]);
    expect(readyAddresses()).toEqual(['w1']);
  });
  cluster.silent.delete('w2');
  const lastHeartbeatTime = cluster.clock.now().toISOString();
  const status = { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime }] };
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
