import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { SecureContext } from 'node:tls';

export interface ApiAccess {
  readonly server: string;
  /** With the authority of the API server; made once for all connections. */
  readonly secureContext: SecureContext;
  token(): string;
}

interface Get {
  readonly path: string;
  readonly timeoutMs: number;
  /** What must be there in time: the whole answer or, for a watch, its beginning. */
  readonly within: 'whole' | 'beginning';
  /** Status of an answer that begins. */
  readonly onBegin?: (code: string) => void;
  /** Pieces of the body, in order, whatever the status is; nobody keeps them. */
  readonly onData: (piece: Buffer) => void;
  /** How fast the body is taken in; 0 or absent: as fast as it comes. */
  readonly readBytesPerS?: number;
}

export interface GetResult {
  /** The HTTP status, `timeout`, or the code of the error that ended it: `ECONNRESET`. */
  readonly code: string;
  /** From sending to the end of the body. */
  readonly ms: number;
  /** What the answer's Retry-After says. */
  readonly retryAfterMs?: number;
}

type Ending = Omit<GetResult, 'ms'>;

/**
 * The connections of one node's agent to the API, kept alive. HTTP/1.1: a request that is given up costs its
 * connection (over HTTP/2 it would not), so time-outs of ours cost the server a TLS handshake each.
 */
export class ApiConnection {
  readonly #access: ApiAccess;
  readonly #agent: Agent;
  #isClosed = false;

  constructor(access: ApiAccess, connections: number) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, secureContext: access.secureContext });
  }

  /** Never rejects. A kept connection that turns out to be closed costs a second try, as with Go's client. */
  async get(get: Get): Promise<GetResult> {
    const startMs = performance.now();
    let ending: Ending;
    try {
      ending = (await this.#send(get)) ?? (await this.#send(get)) ?? { code: 'ECONNRESET' };
    } catch (problem) {
      // There is no token at the moment.
      ending = { code: codeOf(problem) };
    }
    // Three decimals, as the prober's times.
    return { ...ending, ms: Math.round((performance.now() - startMs) * 1_000) / 1_000 };
  }

  /** Requests that are under way end with an error. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  /** Undefined when the kept connection was of no use: nothing came back over it. Throws when there is no token. */
  async #send(get: Get): Promise<Ending | undefined> {
    const sent = request(`${this.#access.server}${get.path}`, { agent: this.#agent, headers: this.#headers() });
    const { promise, resolve } = Promise.withResolvers<Ending | undefined>();
    const timer = setTimeout(resolve, get.timeoutMs, { code: 'timeout' } satisfies Ending);
    let hasBegun = false;
    const fail = (problem: unknown): void => {
      const code = codeOf(problem);
      const isStale = sent.reusedSocket && !hasBegun && !this.#isClosed && (code === 'ECONNRESET' || code === 'EPIPE');
      resolve(isStale ? undefined : { code });
    };
    sent.on('error', fail);
    sent.on('response', (response) => {
      hasBegun = true;
      if (get.within === 'beginning') clearTimeout(timer);
      const code = String(response.statusCode);
      get.onBegin?.(code);
      response.on('data', get.onData);
      if (get.readBytesPerS) readSlowly(response, get.readBytesPerS);
      response.on('error', fail);
      const afterS = Number(response.headers['retry-after']);
      response.on('end', () => resolve({ code, ...(afterS > 0 && { retryAfterMs: afterS * 1_000 }) }));
    });
    sent.end();
    const ending = await promise;
    clearTimeout(timer);
    // A request that has ended well has given its connection back already.
    if (ending?.code === 'timeout') sent.destroy();
    return ending;
  }

  #headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.#access.token()}`,
      accept: 'application/json',
      'user-agent': 'blackstart-telemetry-agent',
    };
  }
}

/** Lets no more through than so many bytes per second, a piece late at most. */
function readSlowly(response: IncomingMessage, bytesPerS: number): void {
  const startMs = performance.now();
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    const aheadMs = (bytes / bytesPerS) * 1_000 - (performance.now() - startMs);
    if (aheadMs <= 0) return;
    response.pause();
    setTimeout(() => response.resume(), aheadMs);
  });
}

function codeOf(problem: unknown): string {
  const code = (problem as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'error';
}
