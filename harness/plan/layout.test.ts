import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { grouped, listed, maxColumns, table, wrap } from './layout.ts';

test('wrapped lines fit, keep every word in order and are indented', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(words, fc.nat(20), (list, indent) => {
      const lines = wrap('- ', list.join(' '), indent);
      expect(lines.every((line) => line.length <= maxColumns)).toBe(true);
      expect(lines.slice(1).every((line) => line.startsWith(' '.repeat(indent)) && line[indent] !== ' ')).toBe(true);
      expect(lines.join(' ').slice(2).split(/\s+/)).toEqual(list);
    }),
  );
});

test('a word that is too long stays whole', () => {
  const long = 'x'.repeat(maxColumns + 5);
  expect(wrap('', `a ${long} b`, 2)).toEqual(['a', `  ${long}`, '  b']);
});

test('texts of a table stand one below the other', () => {
  expect(
    table(
      [
        ['a', 'one'],
        ['long', 'two'],
      ],
      2,
    ),
  ).toEqual(['  a     one', '  long  two']);
});

test('lists and numbers read well', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect([grouped(1), grouped(999), grouped(3_000), grouped(1_234_567)]).toEqual(['1', '999', '3,000', '1,234,567']);
});
