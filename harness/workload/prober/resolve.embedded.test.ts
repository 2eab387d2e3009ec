import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { decode, encode, streamEncode, type Packet } from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import { reasonOf } from './outcome.ts';
import { resolveAddress, type Resolver } from './resolve.ts';

const host = 'web.shop.svc.cluster.local';
const address = '127.0.0.1';
const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

type Reply = (query: Packet) => Packet | Buffer | undefined;

/** A DNS server over UDP that says what `reply` says. */
async function udpServer(reply: Reply, port = 0): Promise<Resolver> {
  const socket: UdpSocket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const said = reply(decode(message));
    if (said) socket.send(Buffer.isBuffer(said) ? said : encode(said), from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  close.push(() => socket.close());
  return { address, port: socket.address().port };
}

/** A server over TCP; gives its port. */
async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection).listen(0, address);
  await once(server, 'listening');
  close.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const answering =
  (data: string, ttl = 20): Reply =>
  ({ id, questions }) => ({
    type: 'response',
    id: id ?? 0,
    questions: questions ?? [],
    answers: [{ type: 'A', class: 'IN', name: host, ttl, data }],
  });
const failing =
  (flags: number): Reply =>
  ({ id, questions }) => ({ type: 'response', id: id ?? 0, flags, questions: questions ?? [] });

const forged: Reply = ({ id, questions }) => ({
  type: 'response',
  id: ((id ?? 0) + 1) % 65_536,
  questions: questions ?? [],
});
const aboutAnother: Reply = ({ id }) => ({
  type: 'response',
  id: id ?? 0,
  questions: [{ type: 'A', class: 'IN', name: 'other.test' }],
});

async function failureOf(resolver: Resolver, timeoutMs = 2_000): Promise<string> {
  try {
    await resolveAddress(resolver, host, timeoutMs);
    return 'ok';
  } catch (problem) {
    return reasonOf(problem);
  }
}

it('gives the address and the TTL', async () => {
  const resolver = await udpServer(answering('10.96.7.7', 20));
  await expect(resolveAddress(resolver, host, 2_000)).resolves.toEqual({ address: '10.96.7.7', ttlS: 20 });
});

it.each([
  ['SERVFAIL', failing(2)],
  ['NXDOMAIN', failing(3)],
  ['REFUSED', failing(5)],
  ['nodata', failing(0)],
  ['malformed', () => Buffer.from('no DNS at all')],
])('tells %s', async (reason, reply: Reply) => {
  const withId: Reply = (query) => {
    const said = reply(query);
    if (Buffer.isBuffer(said)) said.writeUInt16BE(query.id ?? 0, 0);
    return said;
  };
  expect(await failureOf(await udpServer(withId))).toBe(reason);
});

it('gives up when no answer comes', async () => {
  const startMs = performance.now();
  expect(await failureOf(await udpServer(() => undefined), 80)).toBe('timeout');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
});

it('sees at once that nobody listens', async () => {
  const { port } = await udpServer(() => undefined);
  close.splice(0).map((one) => one());
  expect(await failureOf({ address, port })).toBe('refused');
});

it('goes on waiting when an answer is to another question number', async () => {
  expect(await failureOf(await udpServer(forged), 80)).toBe('timeout');
});

it('does not believe an answer about another name', async () => {
  expect(await failureOf(await udpServer(aboutAnother))).toBe('malformed');
});

it('asks over TCP when the answer is truncated, and takes it in pieces', async () => {
  const port = await tcpServer((socket) =>
    socket.once('data', (data: Buffer) => {
      const said = streamEncode(answering('10.1.2.3', 5)(decode(data.subarray(2))) as Packet);
      socket.write(said.subarray(0, 5));
      setImmediate(() => socket.write(said.subarray(5)));
    }),
  );
  const resolver = await udpServer(failing(0x0200), port);
  await expect(resolveAddress(resolver, host, 2_000)).resolves.toEqual({ address: '10.1.2.3', ttlS: 5 });
});

it('tells a refused TCP retry, and one that is closed', async () => {
  expect(await failureOf(await udpServer(failing(0x0200)))).toBe('refused');
  const port = await tcpServer((socket) => socket.destroy());
  expect(await failureOf(await udpServer(failing(0x0200), port))).toBe('reset');
});
