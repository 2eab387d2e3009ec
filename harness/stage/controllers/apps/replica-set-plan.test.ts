import { expect, test } from 'vitest';
import { pod, replicaSet } from '../testing/objects.ts';
import { nextAvailableMs, planReplicas, replicaSetStatus } from './replica-set-plan.ts';

const now = new Date('2026-01-01T01:00:00Z');
const readySince = '2026-01-01T00:59:55Z';
const removed = (...args: Parameters<typeof planReplicas>): string[] =>
  planReplicas(...args).remove.map(({ metadata }) => metadata.name);

test('missing pods are created; those that end or ended do not count', () => {
  const ending = pod('ending', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const failed = pod('failed', { status: { phase: 'Failed' } });
  expect(planReplicas(3, [pod('a'), ending, failed])).toEqual({ create: 2, remove: [] });
});

test('surplus pods go in the order of their use: unbound, not running, not ready, doubled on a node, young', () => {
  const young = { creationTimestamp: '2026-01-01T00:30:00Z' };
  const pods = [
    pod('old', { on: 'a', readySince }),
    pod('young', { on: 'b', readySince, metadata: young }),
    pod('doubled', { on: 'c', readySince }),
    pod('twin', { on: 'c', readySince }),
    pod('unready', { on: 'd', status: { phase: 'Running' } }),
    pod('pending', { on: 'e' }),
    pod('unbound'),
  ];
  expect(removed(0, pods)).toEqual(['unbound', 'pending', 'unready', 'doubled', 'twin', 'young', 'old']);
  expect(removed(6, pods)).toEqual(['unbound']);
  expect(removed(7, pods)).toEqual([]);
});

test('a pod is available when it has been ready for long enough', () => {
  const set = replicaSet('web-a', 2);
  const pods = [pod('a', { on: 'w', readySince }), pod('b', { on: 'w' })];
  expect(replicaSetStatus(set, pods, now)).toEqual({
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 1,
    availableReplicas: 1,
    observedGeneration: 1,
  });
  const slow = { ...set, spec: { ...set.spec, minReadySeconds: 10 } };
  expect(replicaSetStatus(slow, pods, now)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  expect(nextAvailableMs(pods, 10, now)).toBe(5_000);
  expect(nextAvailableMs(pods, 5, now)).toBeUndefined();
});
