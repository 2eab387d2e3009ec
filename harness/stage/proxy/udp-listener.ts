import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../core/clock.ts';
import { openWhileLed, type Listener, type ListenerOptions } from './listener.ts';
import type { Endpoint } from './service-ports.ts';

/** What the kernel's connection tracking would remember of one client's address and port. */
interface Session {
  readonly endpoint: Endpoint;
  readonly upstream: Socket;
  expiresAtMs: number;
}

/** After a datagram of the client: the kernel's nf_conntrack_udp_timeout. */
const waitingMs = 30_000;
/** After an answer. Most clients of DNS take a new port for every question, and here each costs a socket. */
const answeredMs = 2_000;
const sweepMs = 500;
/** Per port of a Service. When it is full, the session that was quiet for longest goes. */
const maxSessions = 2_048;

/** Relays datagrams, each client's to one endpoint. One that refuses is silence (a kernel tells of one in a second). */
export function udpListener(options: ListenerOptions & { readonly clock: Clock }): Listener {
  const { clock } = options;
  /** By client; those that were quiet for longest come first. */
  const sessions = new Map<string, Session>();
  const drop = (key: string): void => {
    sessions.get(key)?.upstream.close();
    sessions.delete(key);
  };
  const dropWhere = (isOver: (session: Session) => boolean): void => {
    for (const [key, session] of sessions) if (isOver(session)) drop(key);
  };
  const listener = openWhileLed(options, (pickOne, onError) => {
    const socket = createSocket('udp4');
    socket.on('error', onError);
    socket.on('message', (message, { address, port }) => {
      const key = `${address}:${port}`;
      const known = sessions.get(key);
      const endpoint = known?.endpoint ?? pickOne();
      if (!endpoint) return;
      const session = known ?? openSession(endpoint, clock, (answer) => socket.send(answer, port, address));
      if (!known) session.upstream.on('error', () => drop(key));
      session.expiresAtMs = clock.monotonicMs() + waitingMs;
      sessions.delete(key);
      const [quietest] = sessions.keys();
      if (quietest !== undefined && sessions.size >= maxSessions) drop(quietest);
      sessions.set(key, session);
      session.upstream.send(message, endpoint.port, endpoint.address);
    });
    socket.bind(options.port, options.address);
    const sweeper = setInterval(() => dropWhere(({ expiresAtMs }) => expiresAtMs <= clock.monotonicMs()), sweepMs);
    return () => {
      clearInterval(sweeper);
      dropWhere(() => true);
      socket.close();
    };
  });
  const lead = (endpoints: readonly Endpoint[]): void => {
    // Nobody answers there any more, and a client would go on asking: kube-proxy forgets these, too.
    dropWhere(({ endpoint }) => !endpoints.some((one) => isSame(one, endpoint)));
    listener.lead(endpoints);
  };
  return { lead, close: () => lead([]) };
}

function openSession(endpoint: Endpoint, clock: Clock, reply: (answer: Buffer) => void): Session {
  const upstream = createSocket('udp4', (answer, from) => {
    if (!isSame(from, endpoint)) return;
    session.expiresAtMs = clock.monotonicMs() + answeredMs;
    reply(answer);
  });
  const session = { endpoint, upstream, expiresAtMs: 0 };
  upstream.bind({ port: 0, address: '127.0.0.1', exclusive: true });
  return session;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}
