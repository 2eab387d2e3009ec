import { expect, test } from 'vitest';
import { doctor } from './doctor.ts';
import { fakeRun } from './fake-run.ts';
import type { Host } from './host-limits.ts';

const host: Host = {
  inotifyWatches: 1_000_000,
  inotifyInstances: 8_192,
  openFiles: 65_536,
  freeDiskBytes: 50e9,
  freeMemoryBytes: 16e9,
};
const working = {
  'docker info': '{"ServerVersion":"28.0.0","CgroupVersion":"2"}',
  'kind version': 'kind v0.31.0 go1.25 linux/amd64',
  'kubectl version': 'Client Version: v1.34.0\nKustomize Version: v5',
  'helm version': 'v3.19.0',
};

async function statusOf(replies: Parameters<typeof fakeRun>[0], limits: Host = host): Promise<Record<string, string>> {
  const checks = await doctor({ nodeImage: 'image:1', run: fakeRun(replies).run, host: limits });
  for (const check of checks) expect(check.hint === '').toBe(check.status === 'ok');
  return Object.fromEntries(checks.map((check) => [check.name, check.status]));
}

test('on a good machine all is ok', async () => {
  expect(new Set(Object.values(await statusOf(working)))).toEqual(new Set(['ok']));
});

test.each([
  ['Docker', { ...working, 'docker info': '{"ServerVersion":"","ServerErrors":["Cannot connect"]}' }],
  ['kind', { ...working, 'kind version': { exitCode: 127, stderr: 'not found' } }],
  ['helm', { ...working, 'helm version': { exitCode: 127, stderr: 'not found' } }],
])('without %s it is missing, with a hint', async (name, replies) => {
  expect((await statusOf(replies))[name]).toBe('missing');
});

test.each([
  ['kind v0.29.9', 'warning'],
  ['kind v0.30.0', 'ok'],
  ['kind v1.0.0', 'ok'],
])('%s is %s', async (version, status) => {
  expect((await statusOf({ ...working, 'kind version': version }))['kind']).toBe(status);
});

test('low inotify limits are warnings with the sysctl that raises them', async () => {
  const limits = { ...host, inotifyWatches: 8_192, inotifyInstances: 128 };
  const checks = await doctor({ nodeImage: 'image:1', run: fakeRun(working).run, host: limits });
  const low = checks.filter((check) => check.status === 'warning');
  expect(low.map((check) => check.hint)).toEqual([
    'sudo sysctl fs.inotify.max_user_watches=524288',
    'sudo sysctl fs.inotify.max_user_instances=512',
  ]);
});

test('a node image that is not here is no problem: it will be pulled', async () => {
  const replies = { ...working, 'docker image inspect': { exitCode: 1, stderr: 'No such image' } };
  expect((await statusOf(replies))['node image']).toBe('ok');
});
