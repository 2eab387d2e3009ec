import { expect, it } from 'vitest';
import { upstreamAt } from './upstream.ts';
import { seriesOf } from './testing/series-of.ts';

const healMs = 400;

it.each([
  ['.', 0, 'answering'],
  ['C', 0, 'answering'],
  ['S', 0, 'servfail'],
  ['R', 0, 'noListener'],
  ['....R', 400, 'endpointsEmpty'],
  ['N', 0, 'unknown'],
])('reads %j at %i ms as %s', (drawing, atMs, state) => {
  expect(upstreamAt(seriesOf(drawing), atMs, healMs)).toBe(state);
});

it('takes the sample that is nearest in time', () => {
  expect(upstreamAt(seriesOf('.S'), 40, healMs)).toBe('answering');
  expect(upstreamAt(seriesOf('.S'), 60, healMs)).toBe('servfail');
});

it('knows nothing without a sample within a second', () => {
  expect(upstreamAt(seriesOf('.'), 1_001, healMs)).toBe('unknown');
  expect(upstreamAt(seriesOf(''), 0, healMs)).toBe('unknown');
  expect(upstreamAt(undefined, 0, healMs)).toBe('unknown');
});
