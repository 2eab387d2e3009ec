import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startUndoTimers, type Undo, type UndoTimers } from './undo-timers.ts';

let folder: string;
let done: Undo[];
let fail: number;
let opened: UndoTimers[];

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'blackstart-timers-'));
  done = [];
  fail = 0;
  opened = [];
});

afterEach(() => {
  for (const timers of opened) timers.stop();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function start(): UndoTimers {
  const timers = startUndoTimers(folder, async (undo) => {
    if (fail > 0) {
      fail -= 1;
      throw new Error('not now');
    }
    done.push(undo);
  });
  opened.push(timers);
  return timers;
}

const restore: Undo = { kind: 'restore', target: 'kube-apiserver' };

test('an undo comes when its time is over, once, and is forgotten', async () => {
  const timers = start();
  timers.arm('park', 5_000, restore);
  expect(timers.names()).toEqual(['park']);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual([restore]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a disarmed one does not come, nor one that was armed again with more time', async () => {
  const timers = start();
  timers.arm('a', 1_000, restore);
  timers.arm('b', 1_000, restore);
  timers.disarm('a');
  timers.disarm('a');
  timers.arm('b', 5_000, restore);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(done).toEqual([]);
  expect(timers.names()).toEqual(['b']);
});

test('the next agent carries it out: at its time, or at once when that has passed', async () => {
  const before = start();
  before.arm('soon', 5_000, restore);
  before.arm('late', 60_000, { kind: 'thaw', target: 'abc' });
  before.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toEqual([]);
  start();
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual([restore]);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(done).toEqual([restore, { kind: 'thaw', target: 'abc' }]);
});

test('an undo that fails is tried again', async () => {
  fail = 3;
  const timers = start();
  timers.arm('park', 0, restore);
  await vi.advanceTimersByTimeAsync(600);
  expect(done).toEqual([]);
  expect(timers.names()).toEqual(['park']);
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual([restore]);
});
