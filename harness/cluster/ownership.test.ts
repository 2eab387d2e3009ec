import { expect, test } from 'vitest';
import { assertOurName, readMark, writeMark } from './ownership.ts';

test.each(['blackstart-a', 'blackstart-lab-2'])('%s is a name of ours', (name) => {
  expect(() => assertOurName(name)).not.toThrow();
});

test.each([
  'kind',
  'blackstart',
  'blackstart-',
  'blackstart-../x',
  'blackstart-A',
  'xblackstart-a',
  `blackstart-${'a'.repeat(41)}`,
])('%s is refused as foreign', (name) => {
  expect(() => assertOurName(name)).toThrow(expect.objectContaining({ code: 'foreign-cluster' }));
});

test('a mark is read back for its own cluster only', () => {
  const text = writeMark('blackstart-a', new Date(0));
  expect(readMark(text, 'blackstart-a')?.createdAt).toBe('1970-01-01T00:00:00.000Z');
  expect(readMark(text, 'blackstart-b')).toBeUndefined();
});

test.each(['', '{}', 'null', '{"madeBy":"x","name":"blackstart-a","createdAt":""}'])('%j is no mark', (text) => {
  expect(readMark(text, 'blackstart-a')).toBeUndefined();
});
