import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const least = { mode: 'watch', intervalMs: 1_000, timeoutMs: 5_000 };

function problemsOf(config: unknown): string[] {
  const problems: string[] = [];
  parseConfig(typeof config === 'string' ? config : JSON.stringify(config), problems);
  return problems;
}

it('fills in what is not said', () => {
  const problems: string[] = [];
  expect(parseConfig(JSON.stringify(least), problems)).toEqual({
    ...least,
    resource: 'pods',
    jitter: 0,
    concurrency: 1,
    retry: 'after',
    readBytesPerS: 0,
    nodes: 1,
  });
  expect(problems).toEqual([]);
});

it('takes over everything that is said', () => {
  const all = { mode: 'full-list-quorum', resource: 'nodes', intervalMs: 50, jitter: 0.5, concurrency: 3 };
  const config = { ...all, timeoutMs: 60_000, retry: 'at-once', readBytesPerS: 4_000_000, nodes: 150 };
  const problems: string[] = [];
  expect(parseConfig(JSON.stringify(config), problems)).toEqual(config);
  expect(problems).toEqual([]);
});

it('tells every problem at once', () => {
  const config = { mode: 'lists', retry: 'twice', jitter: 2, nodes: 1.5, timeoutMs: '5s', interval: 3 };
  expect(problemsOf(config)).toEqual([
    'interval is unknown; there are mode, resource, retry, intervalMs, timeoutMs, jitter, concurrency, readBytesPerS, nodes',
    'mode must be one of full-list-quorum, full-list-rv0, node-list-quorum, node-list-rv0, watch; it is "lists"',
    'retry must be one of after, at-once, none; it is "twice"',
    'intervalMs must be a number from 10 to 3600000; it is missing',
    'jitter must be a number from 0 to 1; it is 2',
    'timeoutMs must be a number from 1 to 600000; it is "5s"',
    'nodes must be a whole number from 1 to 5000; it is 1.5',
  ]);
});

it.each(['', '[]', 'null', '{', '"watch"'])('refuses %j, which is no object', (text) => {
  expect(problemsOf(text)[0]).toBe('is not a JSON object');
});

it('knows that only pods are on a node', () => {
  expect(problemsOf({ ...least, mode: 'node-list-rv0', resource: 'services' })).toEqual([
    'mode node-list-rv0 lists the pods of a node; resource must be pods, not services',
  ]);
  expect(problemsOf({ ...least, resource: 'services' })).toEqual([]);
});
