import { expect, test } from 'vitest';
import { RestartBackOff } from './restart-back-off.ts';

/** The wait after each of a row of crashes, when every life lasts so long. */
function waits(backOff: RestartBackOff, crashes: number, lifeMs: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: crashes }, () => {
    const endedMs = nowMs + lifeMs;
    nowMs = backOff.startAtMs(endedMs);
    return (nowMs - endedMs) / 1_000;
  });
}

test('the first restart comes at once, later ones after 10 s, twice as long each time, at most 5 min', () => {
  expect(waits(new RestartBackOff(), 8, 100)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
});

test('a container that ran for more than 10 min begins anew', () => {
  const backOff = new RestartBackOff();
  waits(backOff, 4, 100);
  expect(waits(backOff, 2, 600_001, 1_000_000)).toEqual([0, 0]);
  expect(waits(backOff, 2, 1_000, 3_000_000)).toEqual([0, 10]);
});

test('a container that ran for just 10 min does not', () => {
  const backOff = new RestartBackOff();
  const startedMs = backOff.startAtMs(0);
  expect(backOff.startAtMs(startedMs + 600_000)).toBe(startedMs + 610_000);
});

test('after a reset it is as new', () => {
  const backOff = new RestartBackOff();
  waits(backOff, 5, 100);
  backOff.reset();
  expect(waits(backOff, 2, 100)).toEqual([0, 10]);
});
