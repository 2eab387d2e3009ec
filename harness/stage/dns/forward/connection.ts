import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import { Frames, frame } from '../frames.ts';

export interface UpstreamAddress {
  readonly host: string;
  readonly port: number;
}

/** The peer ended the connection in good order, as it does with one that was idle for too long. */
export class ConnectionEnded extends Error {}

/** To where CoreDNS's time-out comes down after a few good connections. */
const connectTimeoutMs = 1_000;

/** A connection to an upstream, by UDP (so that refusals are heard) or TCP. One query at a time. */
export class Connection {
  isOpen = true;
  /** When it was put aside for the next query, on the monotonic clock. */
  idleSinceMs = 0;
  readonly #send: (message: Buffer) => void;
  readonly #end: () => void;
  #pending: (PromiseWithResolvers<Buffer> & { readonly id: number }) | undefined;

  constructor(send: (message: Buffer) => void, end: () => void) {
    this.#send = send;
    this.#end = end;
  }

  /** Sends a query and waits for the answer that has its id. After a rejection the connection is closed. */
  async exchange(message: Buffer, timeoutMs: number): Promise<Buffer> {
    const pending = { id: message.readUInt16BE(0), ...Promise.withResolvers<Buffer>() };
    this.#pending = pending;
    const timer = setTimeout(() => this.fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    this.#send(message);
    try {
      return await pending.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  readonly received = (message: Buffer): void => {
    if (message.length < 2 || message.readUInt16BE(0) !== this.#pending?.id) return;
    this.#pending.resolve(message);
    this.#pending = undefined;
  };

  readonly fail = (problem: Error): void => {
    this.close();
    this.#pending?.reject(problem);
    this.#pending = undefined;
  };

  close(): void {
    if (this.isOpen) this.#end();
    this.isOpen = false;
  }
}

/** Connects. By UDP that says nothing about the other side. Rejects when it is refused or not there within a second. */
export async function dial(transport: 'udp' | 'tcp', to: UpstreamAddress): Promise<Connection> {
  return transport === 'tcp' ? await dialTcp(to) : await dialUdp(to);
}

async function dialTcp({ host, port }: UpstreamAddress): Promise<Connection> {
  const socket = connect({ host, port, noDelay: true });
  const frames = new Frames();
  const write = (message: Buffer): unknown => socket.write(frame(message));
  const connection = new Connection(write, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => frames.take(chunk).forEach(connection.received));
  socket.on('error', connection.fail);
  socket.on('end', () => connection.fail(new ConnectionEnded('the upstream closed the connection')));
  socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)));
  await once(socket, 'connect');
  socket.setTimeout(0);
  return connection;
}

async function dialUdp({ host, port }: UpstreamAddress): Promise<Connection> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const send = (message: Buffer): void => socket.send(message, (problem) => problem && connection.fail(problem));
  const connection = new Connection(send, () => socket.close());
  socket.on('message', connection.received);
  socket.on('error', connection.fail);
  socket.connect(port, host);
  await once(socket, 'connect');
  return connection;
}
