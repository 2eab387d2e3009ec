import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { Frames, frame } from '../wire/frames.ts';

export interface UpstreamAddress {
  readonly host: string;
  readonly port: number;
}

export type Protocol = 'udp' | 'tcp';

/** The peer ended the connection in good order, as it does with one that was idle for too long. */
export class ConnectionEnded extends Error {}

interface Link {
  send(message: Buffer): void;
  close(): void;
}

interface Pending {
  readonly id: number;
  readonly resolve: (message: Buffer) => void;
  readonly reject: (problem: Error) => void;
}

/** A connection to an upstream, by UDP (so that refusals are heard) or TCP. One query at a time. */
export class Connection {
  isOpen = true;
  readonly #link: Link;
  #pending: Pending | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Sends a query and waits for the answer that has its id. After a rejection the connection is closed. */
  async exchange(message: Buffer, timeoutMs: number): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#pending = { id: message.readUInt16BE(0), resolve, reject };
    const timer = setTimeout(() => this.fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    this.#link.send(message);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  received(message: Buffer): void {
    if (message.length < 2 || message.readUInt16BE(0) !== this.#pending?.id) return;
    this.#pending.resolve(message);
    this.#pending = undefined;
  }

  fail(problem: Error): void {
    this.close();
    this.#pending?.reject(problem);
    this.#pending = undefined;
  }

  close(): void {
    if (this.isOpen) this.#link.close();
    this.isOpen = false;
  }
}

/** Connects. By UDP that says nothing about the other side. Rejects when it is refused or not there in time. */
export async function dial(protocol: Protocol, to: UpstreamAddress, timeoutMs: number): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const connection = protocol === 'tcp' ? dialTcp(to, resolve, reject) : dialUdp(to, resolve, reject);
  const timer = setTimeout(() => {
    connection.close();
    reject(new Error(`no connection within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

type Resolve = (connection: Connection) => void;
type Reject = (problem: Error) => void;

function dialTcp({ host, port }: UpstreamAddress, resolve: Resolve, reject: Reject): Connection {
  const socket = connect({ host, port, noDelay: true });
  const frames = new Frames();
  const connection = new Connection({ send: (message) => socket.write(frame(message)), close: () => socket.destroy() });
  const fail = (problem: Error): void => {
    connection.fail(problem);
    reject(problem);
  };
  socket.on('connect', () => resolve(connection));
  socket.on('data', (chunk: Buffer) => {
    for (const message of frames.take(chunk)) connection.received(message);
  });
  socket.on('error', fail);
  socket.on('end', () => fail(new ConnectionEnded('the upstream closed the connection')));
  return connection;
}

function dialUdp({ host, port }: UpstreamAddress, resolve: Resolve, reject: Reject): Connection {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const connection = new Connection({
    send: (message) => socket.send(message, (problem) => problem && connection.fail(problem)),
    close: () => socket.close(),
  });
  socket.on('message', (message) => connection.received(message));
  socket.on('error', (problem) => {
    connection.fail(problem);
    reject(problem);
  });
  socket.on('connect', () => resolve(connection));
  socket.connect(port, host);
  return connection;
}
