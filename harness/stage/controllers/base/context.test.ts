import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { Clock } from '../../../core/clock.ts';
import { StatusError } from '../../client/status-error.ts';
import { forEach, runController, type Context, type Controller } from './context.ts';

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A clock whose sleeps end when the test says so. */
function manualClock(): Clock & { advance: (ms: number) => Promise<void> } {
  let nowMs = 0;
  const sleeping = new Set<{ dueMs: number; wake: () => void }>();
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(nowMs),
    sleep: async (ms, signal) =>
      await new Promise<void>((resolve, reject) => {
        const one = { dueMs: nowMs + ms, wake: resolve };
        const end = (): void => {
          sleeping.delete(one);
          reject(new Error('aborted'));
        };
        if (signal?.aborted) return end();
        sleeping.add(one);
        signal?.addEventListener('abort', end);
      }),
    advance: async (ms) => {
      await settle();
      nowMs += ms;
      for (const one of sleeping) if (one.dueMs <= nowMs && sleeping.delete(one)) one.wake();
      await settle();
    },
  };
}

function run(sync: Controller['sync']) {
  const clock = manualClock();
  const problems: string[] = [];
  const stopped = new AbortController();
  const changes = new EventEmitter();
  const context = { clock, changes, onError: (what: string) => void problems.push(what) } as unknown as Context;
  void runController(context, { name: 'it', watches: ['pods'], sync }, stopped.signal);
  const wake = (): unknown => changes.emit('pods');
  return { advance: clock.advance, problems, wake, stop: () => stopped.abort() };
}

const pauseMs = 20;

test('it looks at once, and again when something changed, however often', async () => {
  const sync = vi.fn<Controller['sync']>(async () => undefined);
  const { advance, wake } = run(sync);
  await advance(pauseMs);
  expect(sync).toHaveBeenCalledTimes(1);
  for (let times = 0; times < 3; times++) wake();
  await advance(0);
  expect(sync).toHaveBeenCalledTimes(2);
  await advance(pauseMs);
  expect(sync).toHaveBeenCalledTimes(2);
});

test('what changes while it looks is looked at again, but not by two', async () => {
  const running = Promise.withResolvers<undefined>();
  const sync = vi.fn<Controller['sync']>(async () => await running.promise);
  const { advance, wake } = run(sync);
  wake();
  await advance(pauseMs);
  expect(sync).toHaveBeenCalledTimes(1);
  running.resolve(undefined);
  await advance(0);
  await advance(pauseMs);
  expect(sync).toHaveBeenCalledTimes(2);
});

test('it looks again when it said so, and in any case after a minute', async () => {
  const sync = vi.fn<Controller['sync']>(async () => undefined).mockResolvedValueOnce(500);
  const { advance } = run(sync);
  await advance(pauseMs);
  await advance(500);
  expect(sync).toHaveBeenCalledTimes(2);
  await advance(pauseMs);
  await advance(59_000);
  expect(sync).toHaveBeenCalledTimes(2);
  await advance(1_000);
  expect(sync).toHaveBeenCalledTimes(3);
});

test('what fails is tried again, later each time but never later than ten seconds', async () => {
  const sync = vi.fn<Controller['sync']>(async () => await Promise.reject(new Error('no')));
  const { advance, problems } = run(sync);
  for (const waitMs of [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_000, 10_000]) {
    const before = sync.mock.calls.length;
    await advance(pauseMs);
    await advance(waitMs - 1);
    expect(sync).toHaveBeenCalledTimes(before);
    await advance(1);
    expect(sync).toHaveBeenCalledTimes(before + 1);
  }
  expect(problems).toHaveLength(14);
});

test('a conflict is tried again, and is no problem', async () => {
  const sync = vi
    .fn<Controller['sync']>(async () => undefined)
    .mockRejectedValueOnce(new StatusError('conflict', { code: 409 }));
  const { advance, problems } = run(sync);
  await advance(pauseMs);
  await advance(5);
  expect(sync).toHaveBeenCalledTimes(2);
  expect(problems).toEqual([]);
});

test('stopped, it does nothing more', async () => {
  const sync = vi.fn<Controller['sync']>(async () => 100);
  const { advance, wake, stop } = run(sync);
  await advance(pauseMs);
  stop();
  wake();
  await advance(1_000);
  expect(sync).toHaveBeenCalledTimes(1);
});

test('one item that fails keeps no other from being worked on, and a conflict hides no failure', async () => {
  const done: number[] = [];
  const work = forEach([1, 2, 3], async (item) => {
    if (item === 1) throw new StatusError('conflict', { code: 409 });
    if (item === 2) throw new Error('no');
    done.push(item);
  });
  await expect(work).rejects.toThrow('no');
  expect(done).toEqual([3]);
});
