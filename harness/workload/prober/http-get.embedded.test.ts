import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { getOnce } from './http-get.ts';
import { openConnection } from './open-connection.ts';
import { reasonOf } from './outcome.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

async function server(onConnection: (socket: Socket) => void): Promise<number> {
  const listening = createServer(onConnection).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  close.push(() => listening.close());
  return (listening.address() as AddressInfo).port;
}

/** A server that says this to whatever it is asked, and leaves the connection open unless told to end it. */
const saying = async (text: string, end = false): Promise<number> =>
  await server((socket) => socket.once('data', () => (end ? socket.end(text) : socket.write(text))));

async function outcome(port: number, timeoutMs = 2_000): Promise<string> {
  try {
    const socket = await openConnection('127.0.0.1', port, timeoutMs);
    await getOnce(socket, 'web', '/', timeoutMs);
    return 'ok';
  } catch (problem) {
    return reasonOf(problem);
  }
}

it.each([
  ['ok', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', false],
  ['ok', 'HTTP/1.1 200 OK\r\n\r\nuntil the end', true],
  ['ok', 'HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n', false],
  ['503', 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n', false],
  ['reset', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi', true],
  ['reset', 'HTTP/1.1 200', true],
  ['malformed', 'SSH-2.0-OpenSSH\r\n\r\n', false],
])('is %s for %j (ended: %s)', async (expected, text, end) => {
  expect(await outcome(await saying(text, end))).toBe(expected);
});

it('sends one HTTP/1.1 request that asks to close', async () => {
  let received = '';
  const port = await server((socket) =>
    socket.once('data', (data: Buffer) => {
      received = data.toString();
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
  );
  expect(await outcome(port)).toBe('ok');
  expect(received).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: web\r\n[^]*Connection: close\r\n\r\n$/);
});

it('gives up on a server that accepts and says nothing', async () => {
  expect(await outcome(await server(() => undefined), 60)).toBe('timeout');
});

it('tells a connection that is refused, and one that is reset', async () => {
  const port = await server((socket) => socket.on('data', () => socket.resetAndDestroy()));
  expect(await outcome(port)).toBe('reset');
  close.splice(0).map((one) => one());
  expect(await outcome(port)).toBe('refused');
});
