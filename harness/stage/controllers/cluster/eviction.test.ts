import { expect, test } from 'vitest';
import type { Toleration } from '../base/kinds.ts';
import { node, pod } from '../testing/objects.ts';
import { evictionTime } from './eviction.ts';

const now = new Date('2026-01-01T00:10:00Z');
const since = '2026-01-01T00:00:00Z';
const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: since };
const gpu = { key: 'gpu', effect: 'NoExecute', timeAdded: since };

/** Seconds after the taint was added. */
function leaves(taints: object[], tolerations: Toleration[] = []): number | undefined {
  const time = evictionTime(pod('a', { spec: { tolerations } }), node('w', { spec: { taints } as never }), now);
  return time === undefined ? undefined : (time - Date.parse(since)) / 1_000;
}

test('from a node that cannot be reached a pod goes after five minutes', () => {
  expect(leaves([unreachable])).toBe(300);
  expect(leaves([{ ...unreachable, key: 'node.kubernetes.io/not-ready' }])).toBe(300);
});

test('it may say otherwise: sooner, or never', () => {
  const key = unreachable.key;
  expect(leaves([unreachable], [{ key, operator: 'Exists', tolerationSeconds: 30 }])).toBe(30);
  expect(leaves([unreachable], [{ key, operator: 'Exists' }])).toBeUndefined();
  expect(leaves([unreachable], [{ operator: 'Exists' }])).toBeUndefined();
});

test('a taint that is not tolerated is effective at once, and the first of several counts', () => {
  expect(leaves([gpu])).toBe(0);
  expect(leaves([unreachable, gpu])).toBe(0);
  expect(leaves([unreachable, gpu], [{ key: 'gpu', operator: 'Exists' }])).toBe(300);
});

test('taints that only keep pods away move nobody', () => {
  expect(leaves([{ key: 'gpu', effect: 'NoSchedule' }])).toBeUndefined();
});
