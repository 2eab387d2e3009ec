import { expect, it } from 'vitest';
import { table, wrap } from './table.ts';

it('sets numbers to the right and cuts the widest column to the page', () => {
  expect(
    table(
      'lr',
      ['name', 'count'],
      [
        ['a', '1'],
        ['bcdef', '1000'],
      ],
    ),
  ).toEqual(['  name   count', '  a          1', '  bcdef   1000']);
  const lines = table('ll', ['name', 'what'], [['x'.repeat(150), 'short']]);
  expect(lines[1]).toHaveLength(100);
  expect(lines[1]).toMatch(/x… {2}short$/);
});

it('is nothing without rows', () => {
  expect(table('l', ['name'], [])).toEqual([]);
});

it('wraps text at the page, and cuts what has no spaces', () => {
  const lines = wrap(`${'word '.repeat(40)}${'y'.repeat(150)}`);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(lines.join('').replaceAll(' ', '')).toBe(`${'word'.repeat(40)}${'y'.repeat(150)}`);
});
