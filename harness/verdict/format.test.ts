import { expect, it } from 'vitest';
import { formatCount, formatIncident, formatShare, formatTime, roundMs, roundShare } from './format.ts';

it('writes times as people read them', () => {
  expect([0, 3.26, 412.4, 1_500, 20_034, 185_400].map(formatTime)).toEqual([
    '0 ms',
    '3.3 ms',
    '412 ms',
    '1.5 s',
    '20.03 s',
    '185 s',
  ]);
});

it('writes incident time in minutes and hours', () => {
  expect([1_500, 60_000, 1_203_000, 7_200_000].map(formatIncident)).toEqual(['1.5 s', '1 min', '20 min 3 s', '2 h']);
});

it('never rounds a share up to all of it', () => {
  expect([1, 0.999_999_9, 0.9995, 0].map(formatShare)).toEqual(['100 %', '99.999 %', '99.95 %', '0 %']);
});

it('counts with separators and plurals', () => {
  expect([formatCount(1, 'kill'), formatCount(12_345, 'sample')]).toEqual(['1 kill', '12,345 samples']);
});

it('rounds to thousandths of a millisecond and millionths of a share, without a negative zero', () => {
  expect([roundMs(1.23456), roundShare(0.123_456_78), roundShare(null)]).toEqual([1.235, 0.123457, null]);
  expect(Object.is(roundMs(-0.0001), 0)).toBe(true);
});
