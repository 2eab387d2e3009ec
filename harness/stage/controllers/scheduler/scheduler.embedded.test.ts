import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pod } from '../base/kinds.ts';
import { conditionOf } from '../base/objects.ts';
import { startTestCluster, eventually, type TestCluster } from '../testing/cluster.ts';
import { node, pod } from '../testing/objects.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster([node('w1')]);
});
afterEach(async () => await cluster.stop());

const podCalled = (name: string): Pod => cluster.object('v1/pods', `x/${name}`) as Pod;

test('a pod that fits nowhere says why, and gets a node when there is one for it', async () => {
  cluster.api.store.create('v1/pods', pod('picky', { spec: { nodeSelector: { disk: 'ssd' } } }));
  const why = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  await eventually(() => {
    const condition = conditionOf(podCalled('picky'), 'PodScheduled');
    expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable', message: why });
    expect(cluster.events('picky')).toEqual([why]);
  });
  cluster.api.store.create('v1/nodes', node('w2', { labels: { disk: 'ssd' } }));
  await eventually(() => expect(podCalled('picky').spec.nodeName).toBe('w2'));
});

test('of a hundred pods at once every node gets its share, though the copy is behind', async () => {
  cluster.api.store.create('v1/nodes', node('w2'));
  for (let index = 0; index < 100; index++) cluster.api.store.create('v1/pods', pod(`p${index}`));
  await eventually(() => expect(cluster.pods().every(({ spec }) => spec.nodeName !== undefined)).toBe(true));
  const onFirst = cluster.pods().filter(({ spec }) => spec.nodeName === 'w1').length;
  expect(Math.abs(onFirst - 50)).toBeLessThanOrEqual(1);
});
