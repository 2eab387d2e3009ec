import { expect, test, vi } from 'vitest';
import type { Clock } from '../../../core/clock.ts';
import { StatusError } from '../../client/status-error.ts';
import { WorkQueue, type Reconcile } from './work-queue.ts';

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A clock whose sleeps end when the test says so. */
function manualClock(): Clock & { advance(ms: number): Promise<void>; delays: number[] } {
  let nowMs = 0;
  const sleeping = new Set<{ dueMs: number; wake: () => void }>();
  const delays: number[] = [];
  return {
    delays,
    monotonicMs: () => nowMs,
    now: () => new Date(nowMs),
    sleep: async (ms, signal) =>
      await new Promise<void>((resolve, reject) => {
        delays.push(ms);
        const one = { dueMs: nowMs + ms, wake: resolve };
        sleeping.add(one);
        signal?.addEventListener('abort', () => {
          sleeping.delete(one);
          reject(new Error('aborted'));
        });
      }),
    advance: async (ms) => {
      await settle();
      nowMs += ms;
      for (const one of sleeping) if (one.dueMs <= nowMs && sleeping.delete(one)) one.wake();
      await settle();
    },
  };
}

function queue(reconcile: Reconcile, workers?: number) {
  const clock = manualClock();
  const problems: string[] = [];
  const onError = (key: string): number => problems.push(key);
  const work = new WorkQueue({ reconcile, clock, onError, ...(workers !== undefined && { workers }) });
  return { clock, problems, work };
}

test('nothing is worked on before the start, and then each key once', async () => {
  const reconcile = vi.fn<Reconcile>(async () => undefined);
  const { work, clock } = queue(reconcile);
  for (const key of ['a', 'b', 'a']) work.add(key);
  expect(reconcile).not.toHaveBeenCalled();
  work.start();
  await clock.advance(0);
  expect(reconcile.mock.calls).toEqual([['a'], ['b']]);
});

test('a key that is added while it is worked on is worked on again, but not by two', async () => {
  const running = Promise.withResolvers<undefined>();
  const reconcile = vi.fn<Reconcile>(async () => await running.promise);
  const { work, clock } = queue(reconcile);
  work.start();
  for (const key of ['a', 'a', 'a']) work.add(key);
  expect(reconcile).toHaveBeenCalledTimes(1);
  running.resolve(undefined);
  await clock.advance(0);
  expect(reconcile).toHaveBeenCalledTimes(2);
});

test('only so many keys are worked on at once', async () => {
  const gates = new Map<string, () => void>();
  const { work, clock } = queue(
    async (key) => await new Promise<undefined>((resolve) => gates.set(key, () => resolve(undefined))),
    2,
  );
  work.start();
  for (const key of ['a', 'b', 'c']) work.add(key);
  expect([...gates.keys()]).toEqual(['a', 'b']);
  gates.get('a')?.();
  await clock.advance(0);
  expect([...gates.keys()]).toEqual(['a', 'b', 'c']);
});

test('what fails is tried again, later each time but never later than ten seconds, and success forgets it', async () => {
  let failing = true;
  const { work, clock, problems } = queue(async () => {
    if (failing) throw new Error('no');
    return undefined;
  });
  work.start();
  work.add('a');
  for (let tries = 0; tries < 14; tries++) await clock.advance(10_000);
  expect(clock.delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(Math.max(...clock.delays)).toBe(10_000);
  expect(problems).toHaveLength(15);
  failing = false;
  await clock.advance(10_000);
  failing = true;
  work.add('a');
  await clock.advance(0);
  expect(clock.delays.at(-1)).toBe(5);
});

test('a conflict is tried again, and is no problem', async () => {
  const reconcile = vi
    .fn<Reconcile>()
    .mockRejectedValueOnce(new StatusError('conflict', { code: 409 }))
    .mockResolvedValue(undefined);
  const { work, clock, problems } = queue(reconcile);
  work.start();
  work.add('a');
  await clock.advance(5);
  expect(reconcile).toHaveBeenCalledTimes(2);
  expect(problems).toEqual([]);
});

test('many keys that fail together are tried again at ten a second after the first hundred', async () => {
  const { work, clock } = queue(async () => {
    throw new Error('no');
  });
  work.start();
  for (let index = 0; index < 150; index++) work.add(String(index));
  await clock.advance(0);
  expect(clock.delays.filter((ms) => ms === 5)).toHaveLength(100);
  expect(Math.max(...clock.delays)).toBe(5_000);
});

test('of several delays the shortest counts', async () => {
  const reconcile = vi.fn<Reconcile>(async () => undefined);
  const { work, clock } = queue(reconcile);
  work.start();
  for (const ms of [500, 100, 900]) work.addAfter('a', ms);
  await clock.advance(100);
  expect(reconcile).toHaveBeenCalledTimes(1);
  await clock.advance(900);
  expect(reconcile).toHaveBeenCalledTimes(1);
});

test('stopped, it does nothing more', async () => {
  const reconcile = vi.fn<Reconcile>(async () => 100);
  const { work, clock } = queue(reconcile);
  work.start();
  work.add('a');
  await clock.advance(0);
  work.stop();
  await clock.advance(1_000);
  expect(reconcile).toHaveBeenCalledTimes(1);
});
