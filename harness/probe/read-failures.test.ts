import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { readFailures } from './read-failures.ts';

it('tells of a failing read at most once a second', () => {
  const events: EventBody[] = [];
  let nowMs = 0;
  const failures = readFailures(
    (body) => events.push(body),
    () => nowMs,
    { node: 'a', source: 'cache' },
  );
  for (const atMs of [0, 500, 999, 1_000, 1_500, 2_100]) {
    nowMs = atMs;
    failures.report(new Error(`at ${atMs}`));
  }
  const event = { type: 'read-failed', node: 'a', source: 'cache' };
  expect(events).toEqual([0, 1_000, 2_100].map((atMs) => ({ ...event, message: `at ${atMs}` })));
});
