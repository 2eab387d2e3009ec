import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6, type Socket } from 'node:net';
import { frame, Frames } from './wire/frames.ts';

/** What a listener does with a message; undefined sends nothing. */
export type Answer = (message: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>;

export interface Listener {
  close(): void;
}

/** How long a TCP client may be silent before its first query and after that (CoreDNS). */
const silence = { firstMs: 3_000, nextMs: 10_000 };

/** Listens by UDP and TCP. Rejects when one of the two is not to be had. */
export async function listen(host: string, port: number, answer: Answer): Promise<Listener> {
  const tcp = await listenTcp(host, port, answer);
  try {
    const udp = await listenUdp(host, port, answer);
    return {
      close: () => {
        tcp.close();
        udp.close();
      },
    };
  } catch (problem) {
    tcp.close();
    throw problem;
  }
}

async function listenUdp(address: string, port: number, answer: Answer): Promise<Listener> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  let isOpen = true;
  socket.on('message', (message, remote) => {
    void answer(message, 'udp').then((reply) => {
      // A client that cannot be reached is its own problem.
      if (reply && isOpen) socket.send(reply, remote.port, remote.address, () => undefined);
    });
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  return {
    close: () => {
      isOpen = false;
      socket.close();
    },
  };
}

async function listenTcp(host: string, port: number, answer: Answer): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, answer).catch(() => socket.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** One query after the other, as they come: answers keep the order of the queries. */
async function serveConnection(socket: Socket, answer: Answer): Promise<void> {
  const frames = new Frames();
  socket.setTimeout(silence.firstMs, () => socket.destroy());
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const message of frames.take(chunk)) {
      const reply = await answer(message, 'tcp');
      // Who does not read what was answered is asked to before more is answered.
      if (reply && !socket.write(frame(reply))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
    socket.setTimeout(silence.nextMs);
  }
  socket.end();
}
