import { expect, it } from 'vitest';
import { longestMs, outages } from './outage.ts';
import { seriesOf } from './testing/series-of.ts';

it('lasts from the start of the first failed sample to the first success after it', () => {
  expect(outages(seriesOf('..SSS...S..'), 0, 1_100)).toEqual([
    { startMs: 200, endMs: 500, open: false },
    { startMs: 800, endMs: 900, open: false },
  ]);
});

it('lasts to the end of the time looked at when no success came', () => {
  expect(outages(seriesOf('..SS'), 0, 900)).toEqual([{ startMs: 200, endMs: 900, open: true }]);
});

it('goes on over lost samples, and takes them for failed when asked to', () => {
  expect(longestMs(outages(seriesOf('.S  S..'), 0, 700))).toBe(400);
  expect(longestMs(outages(seriesOf('.S  ...'), 0, 700))).toBe(300);
  expect(longestMs(outages(seriesOf('..  ...'), 0, 700))).toBe(0);
  expect(longestMs(outages(seriesOf('..  ...'), 0, 700, true))).toBe(200);
});
