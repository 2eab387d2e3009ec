import { expect, onTestFinished, test, vi } from 'vitest';
import type { Run } from '../core/command.ts';
import { deadContainers, ownerOf } from './dead-containers.ts';
import { isAlive } from './process-identity.ts';

/** Docker with one container for each owner; gives those that are called dead. */
async function deadOf(...owners: readonly string[]): Promise<readonly string[]> {
  const stdout = owners.map((owner, index) => `${index} etcd:1 ${owner}\n`).join('');
  const run: Run = async () => await Promise.resolve({ exitCode: 0, stdout, stderr: '' });
  return (await deadContainers(run)).map(({ owner }) => owner);
}

const living = ownerOf(process.pid);
const dead = living.replace(/\d+$/, '1');

test('a container is dead when its process is gone, and only then', async () => {
  expect(await deadOf(dead, living)).toEqual([dead]);
});

test.each([
  ['another boot or machine', 0],
  ['another PID namespace', 1],
  ['another user', 2],
])('the container of a process of %s is left alone: nobody here can see it', async (_, index) => {
  const other = dead
    .split('.')
    .map((part, at) => (at === index ? part.replaceAll(/./g, '9') : part))
    .join('.');
  expect(await deadOf(other, dead)).toEqual([dead]);
});

test('what does not say whose it is in full is left alone', async () => {
  expect(await deadOf('', `${process.pid}.1`, `..${process.pid}.1`)).toEqual([]);
});

test('a process that is there but hides its start time, as with hidepid, counts as alive', () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  });
  // No process has this number, so there is nothing to read under /proc either.
  const hidden = { pid: 2 ** 30, started: '4711' };
  expect(isAlive(hidden)).toBe(true);
  kill.mockRestore();
  expect(isAlive(hidden)).toBe(false);
});
