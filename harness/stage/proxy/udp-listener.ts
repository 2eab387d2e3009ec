import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../core/clock.ts';
import { bindRetryMs, type Listener, type ListenerOptions } from './listener.ts';
import type { Endpoint } from './service-ports.ts';

/** What the kernel's connection tracking would remember of one client's address and port. */
interface Session {
  readonly endpoint: Endpoint;
  readonly upstream: Socket;
  answers: number;
  expiresAtMs: number;
}

/** After a datagram of the client: the kernel's nf_conntrack_udp_timeout. */
const waitingMs = 30_000;
/** After the first answer. Most clients of DNS take a new port for every question, and here each costs a socket. */
const answeredMs = 2_000;
const sweepMs = 500;
/** Per port of a Service. When it is full, the session that was quiet for longest goes. */
const maxSessions = 2_048;

/**
 * Relays datagrams, each client's to one endpoint. An endpoint that refuses is silence for the client. (Behind kube-proxy
 * the kernel tells the client of about one refusal in a second.)
 */
export function udpListener(options: ListenerOptions & { readonly clock: Clock }): Listener {
  const sessions = new Sessions(options.clock);
  let endpoints: readonly Endpoint[] = [];
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;

  const open = (): void => {
    const opened = createSocket('udp4');
    socket = opened;
    opened.on('error', (problem) => {
      options.onProblem(problem);
      opened.close();
      if (socket === opened) retry = setTimeout(open, bindRetryMs);
    });
    opened.on('message', (message, { address, port }) => {
      const reply = (answer: Buffer): void => {
        if (socket === opened) opened.send(answer, port, address);
      };
      const key = `${address}:${port}`;
      const session = sessions.find(key) ?? sessions.open(key, options.pick(endpoints), reply);
      session?.upstream.send(message, session.endpoint.port, session.endpoint.address);
    });
    opened.bind(options.port, options.address);
  };
  const close = (): void => {
    endpoints = [];
    clearTimeout(retry);
    sessions.keep(() => false);
    const closing = socket;
    socket = undefined;
    closing?.close();
  };
  return {
    lead: (next) => {
      if (next.length === 0) return close();
      endpoints = next;
      // Nobody answers there any more, and a client would go on asking: kube-proxy forgets these, too.
      sessions.keep(({ endpoint }) => next.some((one) => isSame(one, endpoint)));
      if (!socket) open();
    },
    close,
  };
}

class Sessions {
  readonly #clock: Clock;
  /** By client; those that were quiet for longest come first. */
  readonly #sessions = new Map<string, Session>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A client's session; its time begins anew. */
  find(key: string): Session | undefined {
    const session = this.#sessions.get(key);
    if (!session) return undefined;
    if (session.expiresAtMs <= this.#clock.monotonicMs()) return this.#drop(key, session);
    this.#touch(key, session);
    return session;
  }

  open(key: string, endpoint: Endpoint | undefined, reply: (answer: Buffer) => void): Session | undefined {
    if (!endpoint) return undefined;
    const upstream = createSocket('udp4');
    const session: Session = { endpoint, upstream, answers: 0, expiresAtMs: 0 };
    upstream.on('error', () => this.#drop(key, session));
    upstream.on('message', (answer, from) => {
      if (!isSame(from, endpoint)) return;
      session.answers += 1;
      session.expiresAtMs = this.#clock.monotonicMs() + (session.answers > 1 ? waitingMs : answeredMs);
      reply(answer);
    });
    upstream.bind({ port: 0, address: '127.0.0.1', exclusive: true });
    this.#touch(key, session);
    const [oldest] = this.#sessions;
    if (oldest && this.#sessions.size > maxSessions) this.#drop(...oldest);
    this.#sweeper ??= setInterval(() => {
      const nowMs = this.#clock.monotonicMs();
      this.keep(({ expiresAtMs }) => expiresAtMs > nowMs);
    }, sweepMs);
    return session;
  }

  keep(isKept: (session: Session) => boolean): void {
    for (const [key, session] of this.#sessions) if (!isKept(session)) this.#drop(key, session);
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #touch(key: string, session: Session): void {
    session.expiresAtMs = this.#clock.monotonicMs() + waitingMs;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
  }

  #drop(key: string, session: Session): undefined {
    if (this.#sessions.get(key) !== session) return undefined;
    this.#sessions.delete(key);
    session.upstream.close();
    return undefined;
  }
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}
