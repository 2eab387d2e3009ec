import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fakeRun } from './fake-run.ts';
import { nodeFreezer } from './node-freezer.ts';

test('the undo is a program of ours that exists, because docker unpause fails for a node that runs', () => {
  const { argv } = nodeFreezer(['n'], fakeRun({}).run).pause('n').undo;
  expect(argv[0]).toBe(process.execPath);
  expect(existsSync(argv[1] ?? '')).toBe(true);
  expect(argv[2]).toBe('n');
});

test('a node that is paused already is not paused again: its undo would not be ours to run', async () => {
  const { run } = fakeRun({ 'docker inspect': 'true\n' });
  await expect(nodeFreezer(['n'], run).pause('n').snapshot()).rejects.toMatchObject({ code: 'cluster' });
});

test('a node that is still paused is a leftover', async () => {
  const { run } = fakeRun({ 'docker inspect': 'true\n' });
  expect(await nodeFreezer(['n'], run).pause('n').verify()).toEqual([
    { what: 'node n is paused', command: 'docker unpause n' },
  ]);
});

test('a node of another cluster is never paused', () => {
  expect(() => nodeFreezer(['n'], fakeRun({}).run).pause('other')).toThrow('has no node other');
});
