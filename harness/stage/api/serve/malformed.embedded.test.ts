import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configMap } from '../testing/objects.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.end();
});

const maps = '/api/v1/namespaces/default/configmaps';

test.each([
  ['no JSON', '{"a":', 400],
  ['an empty body', '', 400],
  ['a list', '[]', 400],
  ['a number', '5', 400],
  ['a metadata that is a text', '{"metadata":"x"}', 400],
  ['a key __proto__', '{"metadata":{"name":"x"},"data":{"__proto__":{}}}', 400],
  ['deep nesting', '['.repeat(100_000), 400],
  ['labels that are no texts', '{"metadata":{"name":"x","labels":{"a":{}}}}', 400],
  ['a name with a slash', '{"metadata":{"name":"a/b"}}', 422],
  ['a name that is too long', `{"metadata":{"name":"${'a'.repeat(254)}"}}`, 422],
])('a create with %s is refused', async (_what, body, code) => {
  const { status, object } = await api.call('POST', maps, { body });
  expect(status).toBe(code);
  expect(object).toMatchObject({ kind: 'Status', status: 'Failure', code });
});

test('bodies of other types are 415, but protobuf where we can read it', async () => {
  const post = async (type: string) =>
    (await api.call('POST', maps, { body: 'a: b', headers: { 'content-type': type } })).status;
  expect(await post('application/yaml')).toBe(415);
  expect(await post('text/plain')).toBe(415);
  expect(await post('application/vnd.kubernetes.protobuf')).toBe(400);
  expect((await api.call('PATCH', `${maps}/x`, { body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(
    415,
  );
});

test('a body of 4 MB is 413, whether its length is said before or not', async () => {
  const body = JSON.stringify(configMap('big', { big: 'x'.repeat(4 * 1024 * 1024) }));
  const { status, object } = await api.call('POST', maps, { body });
  expect(status).toBe(413);
  expect(object).toMatchObject({ reason: 'RequestEntityTooLarge' });
  const answer = await rawRequest((socket) => {
    socket.write(
      `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let count = 0; count < 64; count++) socket.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

/** What the server says to bytes that are no request of any client. */
async function rawRequest(write: (socket: TLSSocket) => void): Promise<string> {
  const { hostname, port } = new URL(api.server.url);
  const { cert, key } = api.cluster.admin;
  const socket = connect({ host: hostname, port: Number(port), ca: api.cluster.ca.cert, cert, key });
  await once(socket, 'secureConnect');
  let text = '';
  socket.on('error', () => undefined);
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      resolve();
    });
    socket.once('close', () => resolve());
  });
  write(socket);
  await answered;
  socket.destroy();
  return text;
}

test.each([
  ['path tricks', 'GET /api/v1/namespaces/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['escaped path tricks', 'GET /api/v1/namespaces/%2e%2e%2fetc/pods HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['a broken escape', 'GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a path without a slash', 'GET http://x/api HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['an unknown method', 'BREW /api HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['headers without end', `GET /api HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
])('%s', async (_what, bytes, code) => {
  expect(await rawRequest((socket) => socket.write(bytes))).toMatch(new RegExp(`^HTTP/1\\.1 ${code} `));
});

test('a client that goes away in the middle of everything harms nobody', async () => {
  const { hostname, port } = new URL(api.server.url);
  const { cert, key } = api.cluster.admin;
  const starts = [
    `GET ${maps}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n`,
    `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"`,
    `GET ${maps} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20),
  ];
  for (const start of starts) {
    const socket = connect({ host: hostname, port: Number(port), ca: api.cluster.ca.cert, cert, key });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.write(start, () => resolve());
    });
    socket.destroy();
    await once(socket, 'close');
  }
  expect((await api.call('GET', maps)).status).toBe(200);
});

test('after all of that the server is well', async () => {
  expect((await api.call('GET', '/readyz')).text).toBe('ok');
});
