import { expect, it } from 'vitest';
import { bytesBesideFiller, leaseObject, nodeNames, nodeObject, podObject, podsOf } from './objects.ts';

it('names nodes and pods so that they sort', () => {
  const nodes = nodeNames(12);
  expect([nodes[0], nodes[11]]).toEqual(['blackstart-fake-0001', 'blackstart-fake-0012']);
  const pods = podsOf(nodes, 11);
  expect(pods).toHaveLength(132);
  expect(pods[0]).toEqual({ name: 'fake-0001-01', node: 'blackstart-fake-0001' });
  expect(pods[131]).toEqual({ name: 'fake-0012-11', node: 'blackstart-fake-0012' });
  expect(new Set(pods.map(({ name }) => name)).size).toBe(132);
  expect(podsOf(nodes, 0)).toEqual([]);
});

it('makes nodes that are Ready, that nothing is scheduled to, and that no DaemonSet of a real node selects', () => {
  const node = nodeObject('blackstart-fake-0001', 200) as {
    metadata: { labels: Record<string, string> };
    spec: object;
    status: { capacity: Record<string, string>; conditions: { type: string; status: string }[] };
  };
  expect(node.metadata.labels['blackstart.dev/fake']).toBe('true');
  expect(node.metadata.labels).not.toHaveProperty('kubernetes.io/os');
  expect(node.spec).toEqual({ taints: [{ key: 'blackstart.dev/fake', value: 'true', effect: 'NoSchedule' }] });
  expect(node.status.conditions.find(({ type }) => type === 'Ready')?.status).toBe('True');
  expect(node.status.capacity['pods']).toBe('200');
  expect(nodeObject('a', 3)).toEqual(nodeObject('a', 3));
});

it('fills a pod by as many bytes as it is told', () => {
  const pod = { name: 'fake-0001-01', node: 'blackstart-fake-0001' };
  const size = (filler: number): number => JSON.stringify(podObject(pod, filler)).length;
  expect(size(3_000) - size(0)).toBe(3_000);
  expect(bytesBesideFiller(JSON.stringify(podObject(pod, 3_000)))).toBe(size(0));
  expect(bytesBesideFiller('{"metadata":{}}')).toBe(15);
});

it('makes leases that go with their node, with the time as the API writes it', () => {
  expect(leaseObject('blackstart-fake-0001', 'uid-1', new Date('2025-02-03T04:05:06.789Z'))).toMatchObject({
    metadata: { name: 'blackstart-fake-0001', ownerReferences: [{ kind: 'Node', uid: 'uid-1' }] },
    spec: { leaseDurationSeconds: 40, renewTime: '2025-02-03T04:05:06.789000Z' },
  });
});
