import type { RequestListener } from 'node:http';
import { createSecureContext } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { httpsServer, type HttpsServer } from '../testing/https-server.ts';
import { ApiConnection } from './api-connection.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

async function serve(answer: RequestListener): Promise<HttpsServer> {
  const server = await httpsServer(answer);
  close.push(() => server.close());
  return server;
}

function connect({ url, ca }: HttpsServer, token = (): string => 'secret'): ApiConnection {
  const connection = new ApiConnection({ server: url, secureContext: createSecureContext({ ca }), token }, 1);
  close.push(() => connection.close());
  return connection;
}

const whole = { path: '/api/v1/pods?x=1', timeoutMs: 20_000, within: 'whole', onData: () => undefined } as const;

it('asks as the service account, over one connection, and passes the body on in pieces', async () => {
  const seen: unknown[] = [];
  const server = await serve(({ method, url, headers: { authorization, accept } }, response) => {
    seen.push([method, url, authorization, accept]);
    response.end('x'.repeat(100_000));
  });
  const connection = connect(server);
  let bytes = 0;
  const onData = (piece: Buffer): void => {
    bytes += piece.length;
  };
  for (let count = 0; count < 3; count++) {
    const result = await connection.get({ ...whole, onData });
    expect(result).toEqual({ code: '200', ms: expect.any(Number) as number });
  }
  const request = ['GET', '/api/v1/pods?x=1', 'Bearer secret', 'application/json'];
  expect(seen).toEqual([request, request, request]);
  expect([bytes, server.connections()]).toEqual([300_000, 1]);
});

it('takes an answer in no faster than it is told, so that the server cannot hand it over', async () => {
  const server = await serve((_request, response) => response.end(Buffer.alloc(2_000_000)));
  const { code, ms } = await connect(server).get({ ...whole, readBytesPerS: 4_000_000 });
  expect(code).toBe('200');
  // The last piece is not waited for.
  expect(ms).toBeGreaterThan(400);
});

it('tells what Retry-After says', async () => {
  const server = await serve((_request, response) => response.writeHead(429, { 'retry-after': '3' }).end('busy'));
  expect(await connect(server).get(whole)).toMatchObject({ code: '429', retryAfterMs: 3_000 });
});

it('gives up an answer that does not begin, or does not end, and goes on with a new connection', async () => {
  const server = await serve(({ url }, response) => {
    if (url === '/begins') response.write('{');
    if (url === '/good') response.end('{}');
  });
  const connection = connect(server);
  for (const path of ['/silent', '/begins']) {
    expect((await connection.get({ ...whole, path: '/good' })).code).toBe('200');
    expect((await connection.get({ ...whole, path, timeoutMs: 150 })).code).toBe('timeout');
  }
  expect((await connection.get({ ...whole, path: '/good' })).code).toBe('200');
  expect(server.connections()).toBe(3);
});

it('lets a watch be open for longer than the time-out, until it breaks', async () => {
  const timeoutMs = 2_000;
  const server = await serve((_request, response) => {
    response.write('{"type":"ADDED"}\n');
    setTimeout(() => response.destroy(), timeoutMs + 200);
  });
  const begun: string[] = [];
  const onBegin = (code: string): number => begun.push(code);
  const { code, ms } = await connect(server).get({ ...whole, timeoutMs, within: 'beginning', onBegin });
  expect([code, begun]).toEqual(['ECONNRESET', ['200']]);
  expect(ms).toBeGreaterThan(timeoutMs);
});

it('tries once more when the kept connection was closed in the meantime', async () => {
  let requests = 0;
  const server = await serve((request, response) => {
    requests++;
    if (requests === 2) request.socket.destroy();
    else response.end('{}');
  });
  const connection = connect(server);
  expect((await connection.get(whole)).code).toBe('200');
  expect((await connection.get(whole)).code).toBe('200');
  expect([requests, server.connections()]).toEqual([3, 2]);
});

it('tells a server that resets a fresh connection, one that is not there, and a token that is not there', async () => {
  let requests = 0;
  const server = await serve((request) => {
    requests++;
    request.socket.destroy();
  });
  expect((await connect(server).get(whole)).code).toBe('ECONNRESET');
  expect(requests).toBe(1);
  server.close();
  expect((await connect(server).get(whole)).code).toBe('ECONNREFUSED');
  const noToken = connect(server, () => {
    throw Object.assign(new Error('gone'), { code: 'ENOENT' });
  });
  expect((await noToken.get(whole)).code).toBe('ENOENT');
});

it('ends what is under way when it is closed', async () => {
  const arrival = Promise.withResolvers<void>();
  const server = await serve(() => arrival.resolve());
  const connection = connect(server);
  const result = connection.get(whole);
  await arrival.promise;
  connection.close();
  expect((await result).code).toBe('ECONNRESET');
  expect(server.connections()).toBe(1);
});
