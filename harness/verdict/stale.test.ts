import { expect, it } from 'vitest';
import { staleShare, staleStretches } from './stale.ts';
import { timeline } from './timeline.ts';
import { seriesOf } from './testing/series-of.ts';

function reads(...counts: readonly number[]): { readonly atMs: number; readonly servedStale: number }[] {
  return counts.map((servedStale, index) => ({ atMs: index * 1_000, servedStale }));
}

const series = seriesOf('.'.repeat(30));

it('is a stretch in which the counter rose by at least half of the samples', () => {
  expect(staleStretches(series, reads(0, 4, 9, 19)).map((one) => one.stale)).toEqual([false, true, true]);
});

it('is not a stretch in which the cache began anew and counts from zero', () => {
  expect(staleStretches(series, reads(100, 5)).map((one) => one.stale)).toEqual([false]);
});

it('counts lost samples too: fewer samples make no stale answers', () => {
  const holes = seriesOf(`.${' '.repeat(9)}.`);
  expect(staleStretches(holes, reads(0, 2)).map((one) => one.stale)).toEqual([false]);
});

it('is not read from a stretch that is too long to say when', () => {
  const long = seriesOf('.'.repeat(120));
  const far = [
    { atMs: 0, servedStale: 0 },
    { atMs: 11_000, servedStale: 100 },
  ];
  expect(staleStretches(long, far).map((one) => one.stale)).toEqual([false]);
});

it('has a share of any stretch of time, and none of an empty one', () => {
  const stretches = staleStretches(series, reads(0, 0, 10, 20));
  expect(staleShare(stretches, 500, 2_500)).toBe(0.75);
  expect(staleShare(stretches, 2_000, 2_000)).toBeNull();
});

it('shows in the timeline between fresh, failing and nothing', () => {
  const drawn = seriesOf(`${'.'.repeat(20)}${'S'.repeat(10)}${' '.repeat(20)}${'.'.repeat(14)}`);
  const stale = staleStretches(drawn, reads(0, 0, 10));
  expect(timeline(drawn, stale, 0, 6_400).map(({ state, fromMs, toMs }) => [state, fromMs, toMs])).toEqual([
    ['fresh', 0, 1_000],
    ['stale', 1_000, 2_000],
    ['failing', 2_000, 3_000],
    ['nothing', 3_000, 5_000],
    ['fresh', 5_000, 6_400],
  ]);
});
