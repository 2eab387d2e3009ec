import { expect, test } from 'vitest';
import { seatsOf } from './seats.ts';
import { flowRequest } from './testing/requests.ts';

test.each([
  [{ verb: 'get' }, 15, 1],
  [{ verb: 'create' }, 15, 1],
  [{ verb: 'list', objectCount: 0 }, 15, 1],
  [{ verb: 'list', objectCount: 28 }, 15, 1],
  [{ verb: 'list', objectCount: 29 }, 15, 2],
  [{ verb: 'list', objectCount: 10_020 }, 15, 10],
  [{ verb: 'list', objectCount: 10_020 }, 8, 8],
  [{ verb: 'list', objectCount: 3, averageObjectBytes: 100_000 }, 15, 3],
  [{ verb: 'watch', isWatch: true, objectCount: 0 }, 15, 1],
  [{ verb: 'watch', isWatch: true, objectCount: 10_020 }, 15, 10],
])('%o in a level whose widest request has %d seats takes %d', (request, mostSeats, expected) => {
  expect(seatsOf(flowRequest(request), mostSeats)).toBe(expected);
});
