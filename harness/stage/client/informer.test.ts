import { expect, test } from 'vitest';
import { backOff } from './informer.ts';

test('waits double from 800 ms to 30 s', () => {
  const nextMs = backOff({ next: () => 0 });
  const waits = Array.from({ length: 8 }, (_, index) => nextMs(index * 1_000));
  expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
});

test('jitter adds up to the whole wait again', () => {
  expect(backOff({ next: () => 0.5 })(0)).toBe(1_200);
});

test('after more than two minutes without a wait it begins anew', () => {
  const nextMs = backOff({ next: () => 0 });
  nextMs(0);
  expect(nextMs(120_000)).toBe(1_600);
  expect(nextMs(240_001)).toBe(800);
});
