import { Agent, request } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { ServiceAccount } from './settings.ts';

/** The API server gives up after 60 s at the latest, and lets nobody queue for longer than 15 s. */
const timeoutMs = 30_000;

interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** JSON calls of the Kubernetes API over so many kept-alive connections; more calls wait for a free one. */
export class Api {
  readonly #server: string;
  readonly #token: () => string;
  readonly #agent: Agent;

  constructor(server: string, { ca, token }: ServiceAccount, connections: number) {
    this.#server = server.replace(/\/+$/, '');
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, secureContext: createSecureContext({ ca }) });
  }

  /** Rejects for a status other than those, for a socket error, and when no answer comes in time. */
  async call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body: object | undefined,
    expected: readonly number[],
  ): Promise<ApiAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const sent = request(`${this.#server}${path}`, {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token()}`,
        accept: 'application/json',
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        'user-agent': 'blackstart-fake-nodes',
      },
    });
    const what = `${method} ${path.replace(/\?.*/, '')}`;
    const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs);
    const fail = (problem: Error): void => reject(new Error(`${what}: ${problem.message}`, { cause: problem }));
    sent.on('error', fail);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', fail);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.end(body && JSON.stringify(body));
    try {
      const answer = await promise;
      if (expected.includes(answer.status)) return answer;
      throw new Error(`${what}: ${answer.status} ${messageIn(answer.text)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What the Status object of a refusal says. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not everything on the way speaks JSON.
  }
  return text.slice(0, 200);
}
