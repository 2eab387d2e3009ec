import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import type { Node } from '../base/kinds.ts';
import { node } from '../testing/objects.ts';
import { Heartbeats, unknownConditions, wantedTaints } from './node-health.ts';

const now = new Date('2026-01-01T00:00:00Z');

function heartbeats(): { at: (seconds: number) => Heartbeats } {
  let nowMs = 0;
  const beats = new Heartbeats({ ...systemClock, monotonicMs: () => nowMs });
  return {
    at: (seconds) => {
      nowMs = seconds * 1_000;
      return beats;
    },
  };
}

test('a node is given up 50 s after its lease was last seen to change', () => {
  const { at } = heartbeats();
  expect(at(0).isAlive(node('w'), 'one')).toBe(true);
  expect(at(20).isAlive(node('w'), 'two')).toBe(true);
  expect(at(69).isAlive(node('w'), 'two')).toBe(true);
  expect(at(70).isAlive(node('w'), 'two')).toBe(false);
  expect(at(71).isAlive(node('w'), 'three')).toBe(true);
});

test('time in which the API could not be asked does not count', () => {
  const { at } = heartbeats();
  for (const seconds of [0, 5, 10]) {
    at(seconds).asked();
    at(seconds).isAlive(node('w'), 'same');
  }
  at(100).asked();
  expect(at(100).isAlive(node('w'), 'same')).toBe(true);
  for (let seconds = 105; seconds < 150; seconds += 5) at(seconds).asked();
  expect(at(149).isAlive(node('w'), 'same')).toBe(true);
  expect(at(150).isAlive(node('w'), 'same')).toBe(false);
});

test('of a silent node every condition is unknown, since now', () => {
  const silent = {
    ...node('w'),
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: 'before' }] },
  };
  const unknown = { status: 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z' };
  expect(unknownConditions(silent, now)).toMatchObject([{ type: 'Ready', reason: 'NodeStatusUnknown', ...unknown }]);
  const mute = { ...node('w'), status: {} };
  expect(unknownConditions(mute, now)).toMatchObject([{ type: 'Ready', reason: 'NodeStatusNeverUpdated', ...unknown }]);
});

function withReady(status: string, spec: NonNullable<Node['spec']>): Node {
  return { ...node('w', { spec }), status: { conditions: [{ type: 'Ready', status }] } };
}

test('taints follow the conditions; those of others stay', () => {
  const gpu = { key: 'gpu', effect: 'NoSchedule' };
  const keys = (status: string, spec: NonNullable<Node['spec']>) =>
    wantedTaints(withReady(status, spec), now).map(({ key, effect }) => `${key} ${effect}`);
  expect(keys('Unknown', { taints: [gpu] })).toEqual([
    'gpu NoSchedule',
    'node.kubernetes.io/unreachable NoSchedule',
    'node.kubernetes.io/unreachable NoExecute',
  ]);
  expect(keys('False', {})).toEqual([
    'node.kubernetes.io/not-ready NoSchedule',
    'node.kubernetes.io/not-ready NoExecute',
  ]);
  expect(keys('True', { unschedulable: true })).toEqual(['node.kubernetes.io/unschedulable NoSchedule']);
  const tainted = wantedTaints(withReady('Unknown', { taints: [gpu] }), now);
  expect(wantedTaints(withReady('True', { taints: tainted }), now)).toEqual([gpu]);
  expect(wantedTaints(withReady('Unknown', { taints: tainted }), now)).toBe(tainted);
});
