import { expect, test } from 'vitest';
import { readListQuery, writeToken } from './list.ts';

const read = (query: string, isWatch = false) => readListQuery(new URLSearchParams(query), isWatch);

test('a list without parameters is all of the newest state', () => {
  expect(read('')).toEqual({
    revision: undefined,
    match: '',
    limit: 0,
    continueAt: undefined,
    sendInitialEvents: undefined,
  });
});

test('a continue token holds the revision and where the page ended', () => {
  const token = writeToken(7, 'default/a');
  expect(read(`continue=${token}&limit=5`)).toMatchObject({
    limit: 5,
    continueAt: [7, 'default/a'],
  });
});

test.each([
  ['resourceVersionMatch=Exact', 422],
  ['resourceVersion=0&resourceVersionMatch=Exact', 422],
  ['resourceVersion=5&resourceVersionMatch=Newest', 422],
  [`resourceVersion=5&resourceVersionMatch=Exact&continue=${writeToken(1, 'a')}`, 422],
  [`resourceVersion=5&continue=${writeToken(1, 'a')}`, 400],
  ['sendInitialEvents=true', 422],
  ['resourceVersion=abc', 400],
  ['resourceVersion=-1', 400],
  ['limit=many', 400],
  ['continue=nonsense', 400],
  [`continue=${Buffer.from('x a').toString('base64url')}`, 400],
])('a list with %s is refused with %i', (query, code) => {
  expect(() => read(query)).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['resourceVersionMatch=NotOlderThan', 422],
  ['sendInitialEvents=true', 422],
  ['sendInitialEvents=true&resourceVersion=1&resourceVersionMatch=Exact', 422],
  [`continue=${writeToken(1, 'a')}`, 422],
])('a watch with %s is refused with %i', (query, code) => {
  expect(() => read(query, true)).toThrow(expect.objectContaining({ code }));
});

test('a watch may ask for what is there first', () => {
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  expect(read(query, true)).toMatchObject({ sendInitialEvents: true, match: 'NotOlderThan', revision: undefined });
});
