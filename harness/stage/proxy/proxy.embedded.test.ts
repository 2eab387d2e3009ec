import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { seededRandom } from '../../core/random.ts';
import { startFakeApi, type FakeApi } from '../client/fake-api.ts';
import { openClient } from '../client/open-client.ts';
import { startProxy } from './proxy.ts';

// A range of its own, and ports above 1023: no cluster has it, and no rights are needed.
const address = `127.250.${process.pid % 250}.1`;
const tcpPort = 18_080;
const udpPort = 18_053;

let api: FakeApi;
let cleanup: (() => unknown)[] = [];
beforeEach(async () => {
  api = await startFakeApi();
  cleanup = [async () => await api.stop()];
});
afterEach(async () => {
  for (const clean of cleanup.toReversed()) await clean();
});

it('relays a connection to an endpoint, also when one side has ended', async () => {
  const echo = await tcpServer((socket) => {
    void text(socket).then((said) => socket.end(`you said ${said}`));
  });
  await serve('TCP', [echo]);
  const client = await reach();
  client.end('hello');
  expect(await text(client)).toBe('you said hello');
});

it('spreads new connections over all endpoints', async () => {
  const names = ['a', 'b', 'c'];
  const ports = await Promise.all(names.map(async (name) => await tcpServer((socket) => socket.end(name))));
  await serve('TCP', ports);
  const answers = [];
  for (let count = 0; count < 40; count++) answers.push(await text(await reach()));
  expect(new Set(answers)).toEqual(new Set(names));
});

it('refuses while there is no endpoint, and listens again when one comes', async () => {
  const port = await tcpServer((socket) => socket.end('a'));
  await serve('TCP', []);
  expect(await outcome()).toBe('ECONNREFUSED');
  setEndpoints('TCP', [port]);
  await vi.waitFor(async () => expect(await outcome()).toBe('a'));
  setEndpoints('TCP', []);
  await vi.waitFor(async () => expect(await outcome()).toBe('ECONNREFUSED'));
});

it('resets the client of an endpoint that refuses', async () => {
  const gone = await tcpServer(() => undefined);
  await cleanup.pop()?.();
  await serve('TCP', [gone]);
  await vi.waitFor(async () => expect(await outcome()).toBe('ECONNRESET'));
});

it('leaves established connections alone when their endpoint or their Service goes', async () => {
  const port = await tcpServer((socket) => socket.pipe(socket));
  await serve('TCP', [port]);
  const client = await reach();
  client.write('1');
  expect(String(await once(client, 'data'))).toBe('1');
  setEndpoints('TCP', []);
  api.store.delete('v1/services', 'x/web', {});
  await vi.waitFor(async () => expect(await outcome()).toBe('ECONNREFUSED'));
  client.write('2');
  expect(String(await once(client, 'data'))).toBe('2');
  client.destroy();
});

it('goes on by what it knows while the API is down', async () => {
  const port = await tcpServer((socket) => socket.end('a'));
  await serve('TCP', [port]);
  await vi.waitFor(async () => expect(await outcome()).toBe('a'));
  await api.stop();
  expect(await outcome()).toBe('a');
  await api.start();
});

it('brings each datagram back to the client that asked', async () => {
  await serve('UDP', [await udpServer((said) => `you said ${said}`)]);
  const clients = await Promise.all([udpClient(), udpClient(), udpClient()]);
  await vi.waitFor(async () => expect(await ask(clients[0], 'up?')).toBe('you said up?'));
  const answers = await Promise.all(clients.map(async (client, index) => await ask(client, String(index))));
  expect(answers).toEqual(['you said 0', 'you said 1', 'you said 2']);
});

it('keeps a client of UDP at its endpoint, and moves it when that goes', async () => {
  const [a, b] = [await udpServer(() => 'a'), await udpServer(() => 'b')];
  await serve('UDP', [a, b]);
  const client = await udpClient();
  await vi.waitFor(async () => expect(await ask(client, '?')).toMatch(/a|b/));
  const first = await ask(client, '?');
  for (let count = 0; count < 20; count++) expect(await ask(client, '?')).toBe(first);
  setEndpoints('UDP', [first === 'a' ? b : a]);
  await vi.waitFor(async () => expect(await ask(client, '?')).toBe(first === 'a' ? 'b' : 'a'));
});

it('refuses datagrams by ICMP without an endpoint, and is silent about an endpoint that refuses', async () => {
  await serve('UDP', []);
  const client = await udpClient();
  await vi.waitFor(async () => expect(await ask(client, '?')).toBe('ECONNREFUSED'));
  const gone = await udpServer(() => 'never');
  await cleanup.pop()?.();
  setEndpoints('UDP', [gone]);
  await vi.waitFor(async () => expect(await ask(client, '?')).toBe('silence'));
});

it('tells of an address that is taken, and takes it when it is free', async () => {
  const squatter = createServer().listen(tcpPort, address);
  await once(squatter, 'listening');
  const port = await tcpServer((socket) => socket.end('a'));
  const problems = await serve('TCP', [port]);
  await vi.waitFor(() => expect(problems.join()).toContain('EADDRINUSE'));
  squatter.close();
  await vi.waitFor(async () => expect(await outcome()).toBe('a'), 3_000);
});

/** Starts a proxy for one Service. Gives what it complains of. */
async function serve(protocol: 'TCP' | 'UDP', ports: readonly number[]): Promise<readonly string[]> {
  const metadata = { name: 'web', namespace: 'x' };
  const port = protocol === 'TCP' ? tcpPort : udpPort;
  const spec = { clusterIP: address, ports: [{ port, protocol }] };
  api.store.create('v1/services', { apiVersion: 'v1', kind: 'Service', metadata, spec });
  setEndpoints(protocol, ports);
  const client = openClient(api.client);
  const problems: string[] = [];
  const onProblem = (message: string): unknown => problems.push(message);
  const proxy = startProxy({ client, clock: systemClock, random: seededRandom(1), onProblem });
  cleanup.push(() => {
    proxy.stop();
    client.close();
  });
  await proxy.synced;
  return problems;
}

/** One slice for each port, as the endpoints are told apart by their ports here. */
function setEndpoints(protocol: 'TCP' | 'UDP', ports: readonly number[]): void {
  const collection = 'discovery.k8s.io/v1/endpointslices';
  for (const { metadata } of api.store.list(collection)) api.store.delete(collection, `x/${metadata.name}`, {});
  for (const port of ports) {
    const labels = { 'kubernetes.io/service-name': 'web' };
    api.store.create(collection, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `web-${port}`, namespace: 'x', labels },
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
      ports: [{ port, protocol }],
    });
  }
}

async function tcpServer(onConnection: (socket: Socket) => unknown): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function reach(): Promise<Socket> {
  return await vi.waitFor(async () => {
    const socket = connect(tcpPort, address);
    await once(socket, 'connect');
    return socket;
  });
}

/** What a new connection gets: all that was said, or the code of the error. */
async function outcome(): Promise<string> {
  const socket = connect(tcpPort, address).end();
  try {
    return await text(socket);
  } catch (problem) {
    return String((problem as NodeJS.ErrnoException).code);
  }
}

async function udpServer(answer: (said: string) => string): Promise<number> {
  const socket = createSocket('udp4', (message, { port, address: from }) =>
    socket.send(answer(String(message)), port, from),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanup.push(() => socket.close());
  return socket.address().port;
}

async function udpClient(): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.connect(udpPort, address);
  await once(socket, 'connect');
  cleanup.push(() => socket.close());
  return socket;
}

async function ask(client: UdpSocket | undefined, question: string): Promise<string> {
  if (!client) return 'no client';
  const answer = new Promise<string>((resolve) => {
    client.removeAllListeners('message').removeAllListeners('error');
    client.once('message', (message) => resolve(String(message)));
    client.once('error', (problem: NodeJS.ErrnoException) => resolve(String(problem.code)));
  });
  client.send(question);
  return await Promise.race([answer, delay(200, 'silence')]);
}
