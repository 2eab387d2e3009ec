import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf } from '../../core/errors.ts';
import { StatusError } from './status-error.ts';
import type { ClientOptions } from './types.ts';

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
}

export interface Transport {
  /** Resolves with the head of the answer; rejects with a StatusError without a code when there is none. */
  send(call: Call): Promise<IncomingMessage>;
  close(): void;
}

/** One pool of keep-alive connections. `http://` is for tests. Idle connections do not keep the process alive. */
export function openTransport(options: ClientOptions): Transport {
  const secure = options.server.startsWith('https:');
  const tls = {
    ca: options.ca,
    ...(options.cert !== undefined && { cert: options.cert }),
    ...(options.key !== undefined && { key: options.key }),
  };
  const agent = secure ? new HttpsAgent({ ...tls, keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const open = (call: Call, payload: string | undefined): ClientRequest =>
    (secure ? httpsRequest : httpRequest)(options.server + call.path, {
      agent,
      method: call.method,
      signal: call.signal,
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
        ...(payload !== undefined && {
          'content-type': call.contentType ?? 'application/json',
          'content-length': String(Buffer.byteLength(payload)),
        }),
      },
    });
  return {
    send: async (call) => {
      const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
      try {
        return await sendWithRetry(() => open(call, payload), call, payload);
      } catch (problem) {
        const why = call.signal.aborted ? messageOf(call.signal.reason) : messageOf(problem);
        throw new StatusError(`${call.method} ${options.server}${call.path}: ${why}`, { cause: problem });
      }
    },
    close: () => agent.destroy(),
  };
}

/**
 * A pooled socket may have been closed by the other side just as it was taken (the API server was killed since). That
 * says nothing about the server that answers now, so calls that may be sent twice go on to the next socket.
 */
async function sendWithRetry(
  open: () => ClientRequest,
  { method, signal }: Call,
  payload: string | undefined,
): Promise<IncomingMessage> {
  for (;;) {
    const outgoing = open();
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.on('error', reject);
        outgoing.on('response', resolve);
        outgoing.end(payload);
      });
    } catch (problem) {
      if (method === 'POST' || !outgoing.reusedSocket || signal.aborted) throw problem;
    }
  }
}
