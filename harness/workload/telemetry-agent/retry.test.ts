import { expect, it } from 'vitest';
import { retryDelayMs } from './retry.ts';

const end = (code: string, retryAfterMs?: number): { code: string; retryAfterMs: number | undefined } => ({
  code,
  retryAfterMs,
});

it.each([
  ['after', end('429', 1_000), 0, 1_000],
  ['after', end('503', 4_000), 9, 4_000],
  ['after', end('429'), 0, undefined],
  ['after', end('timeout'), 0, undefined],
  ['at-once', end('429', 1_000), 0, 0],
  ['at-once', end('ECONNREFUSED'), 9, 0],
  ['at-once', end('ECONNREFUSED'), 10, undefined],
  ['after', end('429', 1_000), 10, undefined],
  ['none', end('429', 1_000), 0, undefined],
  ['at-once', end('200'), 0, undefined],
  ['at-once', end('403'), 0, undefined],
] as const)('%s: after %j and %i retries it waits %s', (policy, result, retries, expected) => {
  expect(retryDelayMs(policy, result, retries)).toBe(expected);
});
