import { expect, it } from 'vitest';
import { lastRefresh } from './refresh.ts';
import { seriesOf } from './testing/series-of.ts';

it('is when the TTL rose for the last time before the moment asked for', () => {
  const series = seriesOf('.........', [3, 3, 2, 5, 5, 1, 5, 5, 4]);
  expect(lastRefresh(series, 900)).toEqual({ atMs: 601, certain: true });
  expect(lastRefresh(series, 600)).toEqual({ atMs: 301, certain: true });
});

it('is not where an answer overtook another', () => {
  expect(lastRefresh(seriesOf('.......', [1, 20, 19, 18, 19, 18, 18]), 700)).toEqual({ atMs: 101, certain: true });
});

it('is not the first sample of all: what was held before it is not known', () => {
  expect(lastRefresh(seriesOf('....', [5, 5, 4, 4]), 400)).toBeNull();
});

it('is not certain when the sample before it is missing', () => {
  expect(lastRefresh(seriesOf('.. ..', [2, 2, 2, 5, 5]), 500)).toEqual({ atMs: 301, certain: false });
  expect(lastRefresh(seriesOf('. ...', [2, 2, 2, 5, 5]), 500)).toEqual({ atMs: 301, certain: true });
});
