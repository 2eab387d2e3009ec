import { expect, it } from 'vitest';
import { forEachOf, untilItWorks } from './persist.ts';
import { Problems } from './problems.ts';

it('tries until it works, and tells every problem', async () => {
  const problems: unknown[] = [];
  let tries = 0;
  const work = async (): Promise<number> => {
    if (++tries < 3) throw new Error(`try ${tries}`);
    return await Promise.resolve(tries);
  };
  const { signal } = new AbortController();
  expect(await untilItWorks(work, { signal, onProblem: (problem) => problems.push(problem) })).toBe(3);
  expect(problems.map(String)).toEqual(['Error: try 1', 'Error: try 2']);
});

it('ends when the signal says so, also in a pause', async () => {
  const end = new AbortController();
  let tries = 0;
  const work = async (): Promise<void> => await Promise.reject(new Error(`try ${++tries}`));
  await expect(untilItWorks(work, { signal: end.signal, onProblem: () => end.abort() })).rejects.toThrow('abort');
  expect(tries).toBe(1);
});

it('does something with every item, with no more than so many at a time', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await forEachOf([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    done.push(item);
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

it('tells a problem that many objects have once, and keeps the newest ones', () => {
  const problems = new Problems();
  for (let kind = 1; kind <= 9; kind++) problems.add(new Error(`POST /${kind}: 500`));
  for (let node = 1; node <= 3; node++) problems.add(new Error(`PATCH /api/v1/nodes/blackstart-fake-000${node}: 429`));
  problems.add(new Error('PATCH /pods/fake-0001-01/status: 429 fake-0001-01'));
  expect(problems.list()).toHaveLength(10);
  expect(problems.list()[0]).toBe('POST /2: 500');
  expect(problems.list().slice(-2)).toEqual([
    'PATCH /api/v1/nodes/blackstart-fake-…: 429 (3 times)',
    'PATCH /pods/fake-…/status: 429 fake-…',
  ]);
});
