import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import type { Node } from '../base/kinds.ts';
import { node } from '../testing/objects.ts';
import { openHeartbeats, unknownConditions, wantedTaints } from './node-lifecycle.ts';

const now = new Date('2026-01-01T00:00:00Z');

function heartbeats(): { at: (seconds: number) => ReturnType<typeof openHeartbeats> } {
  let nowMs = 0;
  const beats = openHeartbeats({ ...systemClock, monotonicMs: () => nowMs });
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
  expect(unknownConditions(mute, now)).toMatchObject([{ type: 'Ready', reason: 'NodeStatusUnknown', ...unknown }]);
});

function withReady(status: string, spec: NonNullable<Node['spec']>): Node {
  return { ...node('w', { spec }), status: { conditions: [{ type: 'Ready', status }] } };
}

test('taints follow the conditions; those of others stay', () => {
  const gpu = { key: 'gpu', effect: 'NoSchedule' };
  const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' };
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  expect(wantedTaints(withReady('Unknown', {}), [gpu])).toEqual([gpu, unreachable]);
  expect(wantedTaints(withReady('False', {}), [unreachable])).toEqual([notReady]);
  expect(wantedTaints(withReady('True', { unschedulable: true }), [])).toMatchObject([
    { key: 'node.kubernetes.io/unschedulable' },
  ]);
  expect(wantedTaints(withReady('True', {}), [gpu, unreachable])).toEqual([gpu]);
  const as = [gpu, unreachable];
  expect(wantedTaints(withReady('Unknown', {}), as)).toBe(as);
});
