import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRunning } from './proc.ts';
import { TestNode } from './testing/test-node.ts';

let node: TestNode;

beforeEach(async () => {
  node = await TestNode.create();
});

afterEach(async () => {
  await node.stop();
});

const ctl = join(import.meta.dirname, 'ctl.ts');
const patience = { timeout: 15_000, interval: 20 };
const timers = async (): Promise<unknown> => JSON.parse((await node.control('GET', '/timers')).body);
const staticPod = async (): Promise<unknown> => JSON.parse((await node.control('GET', '/static-pods/api')).body);

const frozen = async (id: string): Promise<unknown> =>
  JSON.parse((await node.control('GET', `/containers/${id}/frozen`)).body);
const park = async (withinMs: number): Promise<number> =>
  (await node.control('POST', '/static-pods/api/park', { withinMs, timer: 'park-api' })).status;

/** Runs ctl.ts to its end. */
const run = async (...args: string[]): Promise<{ stdout: string; stderr: string; code?: number }> =>
  await promisify(execFile)(process.execPath, [ctl, ...args]).catch(
    (failed: unknown) => failed as { stdout: string; stderr: string; code: number },
  );

/** A static pod that runs. All of this works without an API. */
async function startStatic(script = 'exec cat'): Promise<void> {
  await node.api.stop();
  node.writeStatic('api', { args: [script] });
  await node.start();
}

test('a container is stopped, and has ended when the answer comes; the agent starts it again', async () => {
  await startStatic(`trap '' TERM; while read -r _; do :; done`);
  const before = await node.running('api-n1');
  expect(before).toMatchObject({
    name: 'main',
    namespace: 'default',
    attempt: 0,
    id: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(before.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  expect((await node.control('POST', `/containers/${before.id.slice(0, 12)}/stop`)).status).toBe(200);
  expect(isRunning(before.pid)).toBe(false);
  const after = await node.running('api-n1', before);
  expect(after.attempt).toBe(1);
  expect(after.startedAt > before.startedAt).toBe(true);
  expect((await node.control('POST', `/containers/${before.id}/stop`)).status).toBe(404);
  expect(await node.containers()).toMatchObject([
    { id: after.id, state: 'running' },
    { id: before.id, state: 'exited', pid: 0 },
  ]);
});

test('the last five attempts are remembered, and renewing ends every wait', async () => {
  await startStatic();
  let container = await node.running('api-n1');
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    await node.control('POST', `/containers/${container.id}/stop`);
    await node.control('POST', '/renew');
    container = await node.running('api-n1', container);
  }
  expect((await node.containers()).map(({ attempt }) => attempt)).toEqual([6, 5, 4, 3, 2]);
});

describe('a frozen container', () => {
  test('stands still until it is thawed, which also takes its timer away', async () => {
    await startStatic();
    const { id } = await node.running('api-n1');
    expect(await frozen(id)).toEqual({ frozen: false });
    await node.control('POST', `/containers/${id}/freeze`, { withinMs: 3_600_000, timer: 'freeze-api' });
    await vi.waitFor(async () => expect(await frozen(id)).toEqual({ frozen: true }), patience);
    expect(await timers()).toEqual(['freeze-api']);
    for (const _ of [1, 2]) {
      expect((await node.control('POST', `/containers/${id}/thaw`, { timer: 'freeze-api' })).status).toBe(200);
    }
    await vi.waitFor(async () => expect(await frozen(id)).toEqual({ frozen: false }), patience);
    expect(await timers()).toEqual([]);
  });

  test('is thawed by its timer when nobody else does', async () => {
    await startStatic();
    const { id, pid } = await node.running('api-n1');
    await node.control('POST', `/containers/${id}/freeze`, { withinMs: 300, timer: 'freeze-api' });
    await vi.waitFor(async () => expect(await timers()).toEqual([]), patience);
    await vi.waitFor(async () => expect(await frozen(id)).toEqual({ frozen: false }), patience);
    expect(isRunning(pid)).toBe(true);
  });

  test('that ended meanwhile is not frozen', async () => {
    await startStatic();
    const { id } = await node.running('api-n1');
    await node.control('POST', `/containers/${id}/freeze`, { withinMs: 3_600_000, timer: 'freeze-api' });
    await node.control('POST', `/containers/${id}/stop`);
    expect(await frozen(id)).toEqual({ frozen: false });
    expect((await node.control('POST', `/containers/${id}/thaw`, { timer: 'freeze-api' })).status).toBe(200);
    expect(await timers()).toEqual([]);
  });
});

describe('a parked static pod', () => {
  test('has ended when the answer comes, however it takes SIGTERM, and stays away', async () => {
    await startStatic(`trap '' TERM; while read -r _; do :; done`);
    const { hash } = (await staticPod()) as { hash: string };
    const before = await node.running('api-n1');
    expect(await park(3_600_000)).toBe(200);
    expect(isRunning(before.pid)).toBe(false);
    expect(await staticPod()).toEqual({ hash: '', parked: [join(node.folder, 'parked', 'api.yaml')] });
    expect(await timers()).toEqual(['park-api']);
    expect(await park(1)).toBe(404);
    for (const _ of [1, 2]) {
      expect((await node.control('POST', '/static-pods/api/restore', { timer: 'park-api' })).status).toBe(200);
    }
    const after = await node.running('api-n1', before);
    expect(after.attempt).toBe(1);
    expect(await staticPod()).toEqual({ hash, parked: [] });
    expect(await timers()).toEqual([]);
  });

  test('comes back at once, however often it had crashed before', async () => {
    await startStatic('exit 1');
    await vi.waitFor(async () => expect(await node.containers()).toHaveLength(2), patience);
    await park(3_600_000);
    await node.control('POST', '/static-pods/api/restore');
    await vi.waitFor(async () => expect(await node.containers()).toHaveLength(4), patience);
  });

  test('is restored by its timer when nobody else does', async () => {
    await startStatic();
    const before = await node.running('api-n1');
    await park(300);
    await node.running('api-n1', before);
    await vi.waitFor(async () => expect(await timers()).toEqual([]), patience);
    expect(existsSync(join(node.folder, 'parked', 'api.yaml'))).toBe(false);
  });
});

describe('logs', () => {
  const of = '/logs?namespace=default&container=main&pod';

  test('the last lines; what needs their times is refused, and what is not there is not found', async () => {
    await startStatic('echo one; echo two >&2; echo three; exec cat');
    expect(await node.log('api-n1', /three/)).toBe('one\ntwo\nthree\n');
    expect(await node.log('api-n1', /three/, '&tailLines=2')).toBe('two\nthree\n');
    expect(await node.log('api-n1', /three/, '&tailLines=5')).toBe('one\ntwo\nthree\n');
    expect((await node.control('GET', `${of}=api-n1&tailLines=0`)).body).toBe('');
    expect(await node.control('GET', `${of}=none`)).toEqual({
      status: 404,
      body: 'container "main" in pod "none" not found',
    });
    expect(await node.control('GET', `${of}=api-n1&timestamps=true`)).toEqual({
      status: 400,
      body: 'this stage has no timestamps',
    });
  });

  test('followed until the container ends', async () => {
    await startStatic('echo one; exec cat');
    const { id } = await node.running('api-n1');
    await node.log('api-n1', /one/);
    const heard = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<string>();
    request({ socketPath: join(node.folder, 'control.sock'), path: `${of}=api-n1&follow=true` }, (answer) => {
      let all = '';
      answer.on('data', (chunk) => {
        all += String(chunk);
        heard.resolve();
      });
      answer.on('end', () => ended.resolve(all));
    }).end();
    await heard.promise;
    await node.control('POST', `/containers/${id}/stop`);
    expect(await ended.promise).toBe('one\n');
  });
});

test.each([
  ['GET', '/none', undefined, 404],
  ['POST', '/containers', undefined, 404],
  ['POST', '/containers/0123456789ab/stop', undefined, 404],
  ['POST', '/containers/0123456789ab/freeze', { withinMs: 1, timer: 'a' }, 404],
  ['POST', '/containers/0123456789ab/freeze', { timer: 'a' }, 400],
  ['POST', '/containers/0123456789ab/freeze', { withinMs: 1 }, 400],
  ['POST', '/static-pods/none/park', { withinMs: 1, timer: '../x' }, 400],
  ['POST', '/static-pods/none/park', { withinMs: 1, timer: 'a' }, 404],
  ['POST', '/static-pods/..%2Fx/restore', undefined, 400],
])('%s %s with %j is refused with %d', async (method, path, body, status) => {
  await node.start();
  const answer = await node.control(method, path, body);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
});

describe('ctl.ts', () => {
  test('makes one call and prints the answer', async () => {
    await startStatic();
    const { id } = await node.running('api-n1');
    const socket = join(node.folder, 'control.sock');
    const { stdout, stderr } = await run(socket, 'GET', '/containers?name=main');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject([{ id }]);
    await run(socket, 'POST', `/containers/${id}/freeze`, '{"withinMs":3600000,"timer":"t"}');
    expect(await timers()).toEqual(['t']);
  });

  test('says on stderr why it failed, and exits with 1', async () => {
    const missing = await run(join(node.folder, 'none.sock'), 'POST', '/renew');
    expect(missing).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('ENOENT') });
    await node.start();
    const refused = await run(join(node.folder, 'control.sock'), 'POST', '/containers/0123456789ab/stop');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no running container') });
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining('usage: ') });
  });
});
