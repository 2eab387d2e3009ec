import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { frame, Frames } from './frames.ts';

/** What a listener does with a message; undefined sends nothing. */
export type Answer = (message: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>;

/** How long a TCP client may be silent (CoreDNS). */
const silenceMs = 10_000;

/** Listens by UDP and TCP; gives what closes both. Rejects when one of the two is not to be had. */
export async function listen(host: string, port: number, answer: Answer): Promise<() => void> {
  const sockets = new Set<Socket>();
  const tcp = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, answer).catch(() => socket.destroy());
  });
  tcp.listen(port, host);
  await once(tcp, 'listening');

  const udp = createSocket('udp4');
  let isOpen = true;
  udp.on('message', (message, remote) => {
    void answer(message, 'udp').then((reply) => {
      // A client that cannot be reached is its own problem.
      if (reply && isOpen) udp.send(reply, remote.port, remote.address, () => undefined);
    });
  });
  udp.bind(port, host);
  await once(udp, 'listening');
  udp.on('error', () => undefined);
  return () => {
    isOpen = false;
    udp.close();
    tcp.close();
    for (const socket of sockets) socket.destroy();
  };
}

/** One query after the other, as they come: answers keep the order of the queries. */
async function serveConnection(socket: Socket, answer: Answer): Promise<void> {
  const frames = new Frames();
  socket.setTimeout(silenceMs, () => socket.destroy());
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const message of frames.take(chunk)) {
      const reply = await answer(message, 'tcp');
      // Who does not read what was answered is asked to before more is answered.
      if (reply && !socket.write(frame(reply))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
  }
  socket.end();
}
