import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeClock, useFakeClock } from '../../node/testing/fake-clock.ts';
import { PriorityLevel, type LevelConfiguration } from './priority-level.ts';
import { recorder } from './testing/world.ts';

const queueing: LevelConfiguration = {
  name: 'l',
  uid: 'u',
  limit: 4,
  mostSeats: 4,
  queues: 64,
  handSize: 6,
  queueLengthLimit: 50,
};
const rejecting: LevelConfiguration = { ...queueing, queues: 1, handSize: 1, queueLengthLimit: 0 };
afterEach(() => vi.useRealTimers());

const flow = { flowSchema: 's', priorityLevel: 'l', headers: { 'X-Level': 'u' } };
const forever = new AbortController().signal;

function open(configuration: Partial<LevelConfiguration> = {}) {
  useFakeClock();
  const seen = recorder();
  const level = new PriorityLevel({ ...queueing, ...configuration }, fakeClock, seen);
  const served: string[] = [];
  /** Says in `served` when it is let in, and holds its seats for `holdMs`, or until the test ends. */
  const arrive = async (name: string, options: { seats?: number; holdMs?: number; signal?: AbortSignal } = {}) => {
    const flowId = name.replace(/\d+$/, '');
    const release = await level.enter(flow, flowId, options.seats ?? 1, options.signal ?? forever);
    served.push(name);
    if (options.holdMs === undefined) return release;
    await fakeClock.sleep(options.holdMs);
    release();
    return release;
  };
  return { seen, level, served, arrive };
}

const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('as many seats as the limit are given at once, the next when one is given back', async () => {
  const { arrive, served } = open({ limit: 2 });
  const release = await arrive('a1');
  await arrive('b1');
  const third = arrive('c1');
  await nextTurn();
  expect(served).toEqual(['a1', 'b1']);
  release();
  await third;
  expect(served).toEqual(['a1', 'b1', 'c1']);
});

test('who has waited 15 s is refused, not earlier', async () => {
  const { arrive, seen } = open({ limit: 1 });
  await arrive('a1');
  const late = arrive('b1').catch((refusal: unknown) => refusal);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(seen.reasons).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await late).toMatchObject({
    code: 429,
    details: { retryAfterSeconds: 1 },
    rejectReason: 'time-out',
    headers: { 'X-Level': 'u' },
  });
  expect(seen.waitsMs).toEqual([0, 15_000]);
  expect(seen.waiting).toBe(0);
});

test('who finds all its queues full is refused at once', async () => {
  const { arrive, seen } = open({ limit: 1, queues: 2, handSize: 2, queueLengthLimit: 3 });
  await arrive('a1');
  const waiting = many(6).map((index) => arrive(`b${index}`, { holdMs: 0 }));
  await expect(arrive('b7')).rejects.toMatchObject({
    code: 429,
    details: { retryAfterSeconds: 1 },
    rejectReason: 'queue-full',
  });
  expect(seen.waiting).toBe(6);
  expect(waiting).toHaveLength(6);
});

test('a level without queues refuses at once when its seats are taken', async () => {
  const { arrive } = open({ ...rejecting, limit: 4 });
  const release = await arrive('a1', { seats: 3 });
  await expect(arrive('b1', { seats: 2 })).rejects.toMatchObject({ code: 429, rejectReason: 'concurrency-limit' });
  await arrive('b2');
  release();
  await arrive('b3', { seats: 3 });
});

describe('a request that is given up while it waits', () => {
  test('frees its place in the queue', async () => {
    const { arrive, seen } = open({ limit: 1, queues: 1, handSize: 1, queueLengthLimit: 1 });
    const release = await arrive('a1');
    const client = new AbortController();
    const given = arrive('b1', { signal: client.signal });
    await expect(arrive('c1')).rejects.toMatchObject({ rejectReason: 'queue-full' });
    client.abort();
    await expect(given).rejects.toMatchObject({ rejectReason: 'cancelled' });
    expect(seen.waiting).toBe(0);
    const next = arrive('d1');
    release();
    await next;
  });

  test('lets those behind it in when it was too wide', async () => {
    const { arrive, served, seen } = open({ limit: 4 });
    await arrive('a1', { seats: 3 });
    const client = new AbortController();
    const wide = arrive('b1', { seats: 3, signal: client.signal });
    const narrow = arrive('c1');
    await nextTurn();
    expect(served).toEqual(['a1']);
    client.abort();
    await expect(wide).rejects.toMatchObject({ rejectReason: 'cancelled' });
    await narrow;
    expect(seen.seatsInUse).toBe(4);
  });
});

test('a wide request at the head is not overtaken for ever', async () => {
  const { arrive, served } = open({ limit: 4 });
  for (const index of many(4)) void arrive(`a${index}`, { holdMs: 100 });
  void arrive('wide1', { seats: 4, holdMs: 100 });
  for (const index of many(80)) void arrive(`b${index}`, { holdMs: 100 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(served).toContain('wide1');
  expect(served.indexOf('wide1')).toBeLessThan(16);
});

test('of two flows with equal demand each has half of the seats, whoever came first', async () => {
  const { arrive, served } = open({ limit: 2, queues: 64, handSize: 1 });
  for (const index of many(40)) void arrive(`a${index}`, { holdMs: 100 });
  for (const index of many(40)) void arrive(`b${index}`, { holdMs: 100 });
  await vi.advanceTimersByTimeAsync(1_950);
  const second = served.slice(2).filter((name) => name.startsWith('b'));
  expect(served).toHaveLength(40);
  expect(second.length).toBeGreaterThanOrEqual(18);
  expect(second.length).toBeLessThanOrEqual(20);
});

test('a flow whose requests are slow has fewer of them served, not more seats', async () => {
  const { arrive, served } = open({ limit: 1, queues: 64, handSize: 1 });
  for (const index of many(40)) void arrive(`slow${index}`, { holdMs: 900 });
  for (const index of many(40)) void arrive(`quick${index}`, { holdMs: 100 });
  await vi.advanceTimersByTimeAsync(9_950);
  const quick = served.filter((name) => name.startsWith('quick')).length;
  expect(quick).toBeGreaterThanOrEqual(36);
  expect(served.length - quick).toBeLessThanOrEqual(8);
});

/** How many of those served since then were of the flow. */
const countOf = (served: readonly string[], from: number, flowName: string): number =>
  served.slice(from).filter((name) => name.startsWith(flowName)).length;

test('a flow that was busy for long gets its half at once when another comes', async () => {
  const { arrive, served } = open({ limit: 1, queues: 64, handSize: 1, queueLengthLimit: 1_000 });
  for (let second = 0; second < 30; second++) {
    for (const index of many(10)) void arrive(`old${index}`, { holdMs: 100 });
    await vi.advanceTimersByTimeAsync(1_000);
  }
  for (const index of many(30)) void arrive(`old${index}`, { holdMs: 100 });
  for (const index of many(30)) void arrive(`new${index}`, { holdMs: 100 });
  const from = served.length;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(countOf(served, from, 'old')).toBeGreaterThanOrEqual(9);
  expect(countOf(served, from, 'new')).toBeGreaterThanOrEqual(9);
});

test('a flow that asked for less than its half has saved nothing up', async () => {
  const { arrive, served } = open({ limit: 4, queues: 64, handSize: 1, queueLengthLimit: 1_000 });
  for (let second = 0; second < 30; second++) {
    for (const index of many(30)) void arrive(`greedy${index}`, { holdMs: 100 });
    // Two that overlap: the queue is never idle, and uses one seat of its two.
    void arrive('modest0', { holdMs: 550 });
    await vi.advanceTimersByTimeAsync(500);
    void arrive('modest1', { holdMs: 550 });
    await vi.advanceTimersByTimeAsync(500);
  }
  for (const index of many(50)) void arrive(`modest${index}`, { holdMs: 100 });
  for (const index of many(50)) void arrive(`greedy${index}`, { holdMs: 100 });
  const from = served.length;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(countOf(served, from, 'greedy')).toBeGreaterThanOrEqual(15);
  expect(countOf(served, from, 'modest')).toBeGreaterThanOrEqual(15);
});

test('a lower limit takes no seats away, a higher one gives them at once', async () => {
  const { arrive, level, served, seen } = open({ limit: 4 });
  const releases = await Promise.all(many(4).map((index) => arrive(`a${index}`)));
  level.configure({ ...queueing, limit: 2 });
  const waiting = many(3).map((index) => arrive(`b${index}`));
  expect(seen.seatsInUse).toBe(4);
  releases[0]?.();
  releases[1]?.();
  await nextTurn();
  expect(served).toHaveLength(4);
  level.configure({ ...queueing, limit: 5, queues: 1, handSize: 1 });
  await Promise.all(waiting);
  expect(seen.seatsInUse).toBe(5);
});

test('a request wider than a lowered limit runs alone in place of never', async () => {
  const { arrive, level, seen } = open({ limit: 4 });
  const release = await arrive('a1', { seats: 4 });
  const wide = arrive('b1', { seats: 4 });
  level.configure({ ...queueing, limit: 2 });
  release();
  await wide;
  expect(seen.seatsInUse).toBe(4);
});
