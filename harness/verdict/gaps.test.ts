import { expect, it } from 'vitest';
import { gapLimitMs, gaps } from './gaps.ts';
import { seriesOf } from './testing/series-of.ts';

const second = '..........';
const silence = '          ';

it('finds no gap where no more than a second is missing', () => {
  expect(gaps(seriesOf(`${second}${silence.slice(1)}${second}`), 0, 2_900)).toEqual([]);
});

it('finds a gap in the middle, at the start and at the end', () => {
  const series = seriesOf(`${silence}  ${second}${silence}  ${second}`);
  expect(gaps(series, 0, 5_600).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [0, 1_200],
    [2_100, 3_400],
    [4_300, 5_600],
  ]);
});

it('finds one gap over the whole time when there are no samples', () => {
  expect(gaps(seriesOf(''), 500, 9_000)).toEqual([{ node: 'n', fromMs: 500, toMs: 9_000, cause: 'no-samples' }]);
});

it('calls a new session a gap, however short', () => {
  expect(gaps(seriesOf('...|...'), 0, 600)).toEqual([{ node: 'n', fromMs: 200, toMs: 300, cause: 'new-session' }]);
});

it('lets a slow lane miss five samples', () => {
  expect(gapLimitMs(500)).toBe(2_500);
  expect(gapLimitMs(20)).toBe(1_000);
});
