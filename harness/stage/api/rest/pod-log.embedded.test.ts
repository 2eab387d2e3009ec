import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pod } from '../testing/objects.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let node: Server;
let asked: string[];
let answer: { code: number; text: string };
beforeAll(async () => {
  api = await startTestApi();
  mkdirSync(join(api.cluster.dataDir, 'nodes/n1'), { recursive: true });
  node = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.code).end(answer.text);
  });
  node.listen(join(api.cluster.dataDir, 'nodes/n1/control.sock'));
  await once(node, 'listening');
  const containers = ['a', 'b'].map((name) => ({ name, image: 'node:24' }));
  for (const body of [
    pod('one', { spec: { nodeName: 'n1' } }),
    pod('two', { spec: { nodeName: 'n1', containers } }),
    pod('lost', { spec: { nodeName: 'n2' } }),
    pod('waiting'),
  ]) {
    await api.call('POST', '/api/v1/namespaces/default/pods', { body });
  }
});
beforeEach(() => {
  asked = [];
  answer = { code: 200, text: 'hello\n' };
});
afterAll(async () => {
  node.close();
  await api.end();
});

const log = async (name: string, query = '') =>
  await api.call('GET', `/api/v1/namespaces/default/pods/${name}/log?${query}`);

test('a log comes from the agent of the node, as it was asked for', async () => {
  const { status, text, headers } = await log('one', 'tailLines=5&previous=true&pretty=true');
  expect({ status, text, type: headers['content-type'] }).toEqual({ status: 200, text: 'hello\n', type: 'text/plain' });
  expect(asked).toEqual(['/logs?namespace=default&pod=one&container=main&tailLines=5&previous=true']);
});

test('a pod of several containers must be asked for one of them', async () => {
  expect((await log('two')).object).toMatchObject({
    code: 400,
    message: expect.stringContaining('choose one of: [a b]'),
  });
  expect((await log('two', 'container=b')).status).toBe(200);
  expect((await log('two', 'container=c')).status).toBe(400);
});

test('what the node refuses is refused; a node that is not there is a 500; a pod without one a 400', async () => {
  answer = { code: 404, text: 'no such container' };
  expect((await log('one')).object).toMatchObject({ kind: 'Status', code: 404, message: 'no such container' });
  expect((await log('lost')).object).toMatchObject({ code: 500, reason: 'InternalError' });
  expect((await log('waiting')).object).toMatchObject({ code: 400 });
  expect((await log('none')).status).toBe(404);
});
