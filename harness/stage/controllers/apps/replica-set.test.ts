import { expect, test } from 'vitest';
import { pod, replicaSet } from '../testing/objects.ts';
import { planReplicas } from './replica-set.ts';

const readySince = '2026-01-01T00:59:55Z';

test('missing pods are created; those that end or ended do not count', () => {
  const ending = pod('ending', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const failed = pod('failed', { status: { phase: 'Failed' } });
  const set = replicaSet('web-a', 3);
  expect(planReplicas(set, [pod('a'), ending, failed])).toEqual({
    create: [set.spec.template, set.spec.template],
    remove: [],
  });
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
  const removed = (replicas: number): string[] =>
    planReplicas(replicaSet('web-a', replicas), pods).remove.map(({ metadata }) => metadata.name);
  expect(removed(0)).toEqual(['unbound', 'pending', 'unready', 'doubled', 'twin', 'young', 'old']);
  expect(removed(6)).toEqual(['unbound']);
  expect(removed(7)).toEqual([]);
});
