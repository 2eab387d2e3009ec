import { expect, it } from 'vitest';
import { ClockOffset } from './clock-offset.ts';

it('is unknown before the first reading', () => {
  expect(new ClockOffset().best).toBeUndefined();
});

it('takes the reading with the shortest round trip, and half of that as its error', () => {
  const offset = new ClockOffset();
  offset.add({ askedMs: 100, answeredMs: 120, nodeMs: 5_000 });
  expect(offset.best).toEqual({ offsetMs: -4_890, errorMs: 10 });
  offset.add({ askedMs: 200, answeredMs: 202, nodeMs: 5_099 });
  expect(offset.best).toEqual({ offsetMs: -4_898, errorMs: 1 });
  offset.add({ askedMs: 300, answeredMs: 390, nodeMs: 0 });
  expect(offset.best).toEqual({ offsetMs: -4_898, errorMs: 1 });
});

it('forgets when the clock begins anew', () => {
  const offset = new ClockOffset();
  offset.add({ askedMs: 0, answeredMs: 1, nodeMs: 7 });
  offset.reset();
  offset.add({ askedMs: 0, answeredMs: 100, nodeMs: 50 });
  expect(offset.best).toEqual({ offsetMs: 0, errorMs: 50 });
});
