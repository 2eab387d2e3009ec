import { expect, test } from 'vitest';
import { humanDuration, since } from './age.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [-5, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [10 * minute + 5, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 10 * minute, '3h10m'],
  [8 * hour + 10 * minute, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [2 * day + 5 * hour, '2d5h'],
  [8 * day + 5 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [735 * day, '2y5d'],
  [9 * 365 * day + 3 * day, '9y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});

test.each([
  ['2026-01-01T00:00:00Z', '90s'],
  ['2026-01-01T00:01:29.500000Z', '0s'],
  [undefined, '<unknown>'],
  ['yesterday', '<unknown>'],
])('since %s it was %s', (timestamp, text) => {
  expect(since(timestamp, new Date('2026-01-01T00:01:30Z'))).toBe(text);
});
