import { expect, test } from 'vitest';
import { momentOfAge } from './cache-age.ts';

const holdMs = 20_000;
const moment = (from: 'refresh' | 'expiry', offsetMs: number, lastRefreshMs: number, nowMs: number): number =>
  momentOfAge({ lane: 'control', from, offsetMs }, holdMs, lastRefreshMs, nowMs);

test('just after a refresh that is over: the next one, a hold later', () => {
  expect(moment('refresh', 300, 100_000, 105_000)).toBe(120_300);
});

test('a moment that is still to come is taken', () => {
  expect(moment('expiry', -2_000, 100_000, 105_000)).toBe(118_000);
});

test('before an expiry that is too near: the one after', () => {
  expect(moment('expiry', -2_000, 100_000, 119_000)).toBe(138_000);
});

test('a last refresh seen several holds ago is carried on', () => {
  expect(moment('refresh', 300, 100_000, 170_000)).toBe(180_300);
});

test('after an expiry nothing is refreshed: the moment is not repeated', () => {
  expect(moment('expiry', 2_000, 100_000, 110_000)).toBe(122_000);
  expect(moment('expiry', 2_000, 100_000, 130_000)).toBe(130_000);
});
