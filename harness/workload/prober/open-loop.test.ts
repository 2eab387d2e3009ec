import { expect, it } from 'vitest';
import { openLoop, type OpenLoopClock, type Timetable } from './open-loop.ts';

/** A clock that goes on only when told; a late callback is one whose time has passed. */
class FakeClock implements OpenLoopClock {
  time = 0;
  #wakeAt: number | undefined;
  #callback: () => void = () => undefined;

  nowMs(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    this.#wakeAt = this.time + ms;
    this.#callback = callback;
    return () => {
      this.#wakeAt = undefined;
    };
  }

  /** Lets time pass with every callback on time. */
  runTo(endMs: number): void {
    while (this.#wakeAt !== undefined && this.#wakeAt <= endMs) this.jumpTo(this.#wakeAt);
    this.time = endMs;
  }

  /** The process stood still until then; the callback comes late. */
  jumpTo(ms: number): void {
    this.time = ms;
    this.#wakeAt = undefined;
    this.#callback();
  }
}

function lane(
  firstMs: number,
  intervalMs: number,
): Timetable & { sent: [slot: number, dueMs: number, atMs: number][] } {
  const sent: [number, number, number][] = [];
  return { firstMs, intervalMs, sent, send: (slot, dueMs) => sent.push([slot, dueMs, clock.time]) };
}

let clock = new FakeClock();
const start = (...lanes: Timetable[]): (() => void) => openLoop(lanes, clock);

it('sends each slot when it is due, never before', () => {
  clock = new FakeClock();
  const quick = lane(100.4, 20);
  const slow = lane(103.4, 50);
  start(quick, slow);
  clock.runTo(165);
  expect(quick.sent.map(([slot, due]) => [slot, due])).toEqual([
    [0, 100.4],
    [1, 120.4],
    [2, 140.4],
    [3, 160.4],
  ]);
  expect(slow.sent.map(([slot]) => slot)).toEqual([0, 1]);
  for (const [, due, at] of [...quick.sent, ...slow.sent]) expect(at - due).toBeGreaterThanOrEqual(0);
  for (const [, due, at] of [...quick.sent, ...slow.sent]) expect(at - due).toBeLessThanOrEqual(1);
});

it('makes up for a short stall one slot at a time', () => {
  clock = new FakeClock();
  const one = lane(0, 20);
  start(one);
  clock.runTo(20);
  clock.jumpTo(500);
  clock.runTo(600);
  expect(one.sent.map(([slot]) => slot)).toEqual(Array.from({ length: 31 }, (_, slot) => slot));
  const times = one.sent.map(([, , at]) => at);
  expect(new Set(times).size).toBe(times.length);
});

it('leaves a gap after a long stall and sends no burst', () => {
  clock = new FakeClock();
  const one = lane(0, 20);
  start(one);
  clock.runTo(20);
  clock.jumpTo(5_010);
  clock.runTo(5_100);
  expect(one.sent.map(([slot, , at]) => [slot, at])).toEqual([
    [0, 0],
    [1, 20],
    [251, 5_020],
    [252, 5_040],
    [253, 5_060],
    [254, 5_080],
    [255, 5_100],
  ]);
});

it('sends nothing after it was stopped', () => {
  clock = new FakeClock();
  const one = lane(0, 20);
  const stop = start(one);
  stop();
  clock.runTo(100);
  expect(one.sent).toHaveLength(1);
});
