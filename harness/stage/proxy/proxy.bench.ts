import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, bench } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import type { Listener } from './listener.ts';
import type { Endpoint } from './service-ports.ts';
import { tcpListener } from './tcp-listener.ts';
import { udpListener } from './udp-listener.ts';

// Client, proxy and endpoint share this process: the proxy's own part is what a relayed one costs more than a direct one.
const address = '127.0.0.1';
const server = createServer((socket) => socket.on('data', () => socket.end('answer')));
const udpServer = createSocket('udp4', (message, { port }) => udpServer.send(message, port, address));
const direct = { tcp: 0, udp: 0 };
const relayed = { tcp: 0, udp: 0 };
const listeners: Listener[] = [];

beforeAll(async () => {
  server.listen(0, address);
  udpServer.bind(0, address);
  await Promise.all([once(server, 'listening'), once(udpServer, 'listening')]);
  direct.tcp = (server.address() as AddressInfo).port;
  direct.udp = udpServer.address().port;
  relayed.tcp = await freePort();
  relayed.udp = await freePort();
  const options = { address, pick, onProblem: () => undefined };
  listeners.push(
    tcpListener({ ...options, port: relayed.tcp, sockets: new Set() }),
    udpListener({ ...options, port: relayed.udp, clock: systemClock }),
  );
  listeners[0]?.lead([{ address, port: direct.tcp }]);
  listeners[1]?.lead([{ address, port: direct.udp }]);
});

afterAll(() => {
  for (const listener of listeners) listener.close();
  server.close();
  udpServer.close();
});

bench('a new connection with a request, direct', async () => await request(direct.tcp));
bench('a new connection with a request, relayed', async () => await request(relayed.tcp));
bench('a datagram from a new port, direct', async () => await datagram(direct.udp));
bench('a datagram from a new port, relayed', async () => await datagram(relayed.udp));

function pick(endpoints: readonly Endpoint[]): Endpoint | undefined {
  return endpoints[0];
}

async function request(port: number): Promise<void> {
  const socket = connect(port, address);
  socket.write('question');
  await text(socket);
}

async function datagram(port: number): Promise<void> {
  const socket: UdpSocket = createSocket('udp4');
  socket.send('question', port, address);
  await once(socket, 'message');
  socket.close();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, address);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
