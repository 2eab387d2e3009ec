import { expect, test } from 'vitest';
import { matchesSelector, meets, resolveIntOrPercent } from './objects.ts';

test.each([
  [3, 10, 'ceil', 3],
  ['25%', 10, 'ceil', 3],
  ['25%', 10, 'floor', 2],
  ['100%', 7, 'ceil', 7],
  ['nonsense', 10, 'ceil', 0],
] as const)('%s of %i, rounded %s, is %i', (value, total, round, expected) => {
  expect(resolveIntOrPercent(value, total, round)).toBe(expected);
});

const selector = {
  matchLabels: { app: 'web' },
  matchExpressions: [
    { key: 'tier', operator: 'NotIn', values: ['test'] },
    { key: 'old', operator: 'DoesNotExist' },
    { key: 'hash', operator: 'Exists' },
  ],
};

test('everything in a selector must hold', () => {
  expect(matchesSelector(selector, { app: 'web', hash: '1' })).toBe(true);
  expect(matchesSelector(selector, { app: 'web', hash: '1', tier: 'test' })).toBe(false);
  expect(matchesSelector(selector, { app: 'web', hash: '1', old: '' })).toBe(false);
  expect(matchesSelector(selector, { app: 'web' })).toBe(false);
  expect(matchesSelector({}, {})).toBe(true);
  expect(matchesSelector(undefined, { app: 'web' })).toBe(false);
});

test('what every object inherits is no label', () => {
  expect(meets({}, { key: 'constructor', operator: 'Exists' })).toBe(false);
});
