import { expect, test } from 'vitest';
import { formatMs, isDuration, scaled, scaledToMs, toMs } from './duration.ts';

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['-4s', -4_000],
] as const)('%s is %d ms', (text, ms) => {
  expect(toMs(text)).toBe(ms);
});

test.each(['', '5', '5 s', 's', '1d', '1e3s', '--1s'])('%j is no duration', (text) => {
  expect(isDuration(text)).toBe(false);
});

test('incident time is divided by the time scale', () => {
  expect(scaledToMs(scaled('20m'), 60)).toBe(20_000);
});

test('a number of milliseconds is written in its largest whole unit', () => {
  expect([90_000, 250, 1_200_000, 1_500, 0, 3_600_000].map(formatMs)).toEqual([
    '90s',
    '250ms',
    '20m',
    '1.5s',
    '0ms',
    '1h',
  ]);
});
