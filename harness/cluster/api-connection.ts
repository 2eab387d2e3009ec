import { Agent, request, type AgentOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { messageOf } from '../core/errors.ts';
import { ApiError } from './api-error.ts';

export interface ApiEndpoint {
  /** For example `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Certificate authority, client certificate and key. */
  readonly tls: AgentOptions;
  /** For example a bearer token. */
  readonly headers: Readonly<Record<string, string>>;
  /** Wall milliseconds from a call to the last byte of its answer. */
  readonly deadlineMs: number;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** UID of the priority level that the request went through; null when the server told none. */
  readonly priorityLevelUid: string | null;
}

/** Sends one call. Rejects with an ApiError without a status when no answer came within the deadline. */
export type SendCall = (call: ApiCall) => Promise<ApiAnswer>;

/**
 * Sockets per client. Few, so that leftovers of a dead API server stay few; enough for deletes that are sent every 200 ms
 * while earlier ones hang.
 */
const maxSockets = 16;

/** One pool of keep-alive connections for all calls. Idle sockets do not keep the process alive. */
export function openConnection(endpoint: ApiEndpoint): SendCall {
  const agent = new Agent({ ...endpoint.tls, keepAlive: true, maxSockets, maxFreeSockets: maxSockets });
  return async (call) => {
    const signal = AbortSignal.timeout(endpoint.deadlineMs);
    try {
      return await sendWithRetry(endpoint, agent, call, signal);
    } catch (problem) {
      throw noAnswer(endpoint, call, signal, problem);
    }
  };
}

/** The same for a single call, on a connection that is opened for it and closed after it. */
export async function sendOnce(endpoint: ApiEndpoint, call: ApiCall): Promise<ApiAnswer> {
  const agent = new Agent({ ...endpoint.tls, keepAlive: false });
  const signal = AbortSignal.timeout(endpoint.deadlineMs);
  try {
    return await send(endpoint, agent, call, signal).answer;
  } catch (problem) {
    throw noAnswer(endpoint, call, signal, problem);
  } finally {
    agent.destroy();
  }
}

function noAnswer(endpoint: ApiEndpoint, call: ApiCall, signal: AbortSignal, problem: unknown): ApiError {
  const why = signal.aborted ? `no answer within ${endpoint.deadlineMs / 1_000} s` : messageOf(problem);
  return new ApiError(`${call.method} ${endpoint.server}${call.path}: ${why}`, undefined, problem);
}

/**
 * A pooled socket may have been closed by the other side just as it was taken (the API server was killed since). That
 * says nothing about the server that answers now, so calls that may be sent twice get a second try on a fresh socket.
 */
async function sendWithRetry(
  endpoint: ApiEndpoint,
  agent: Agent,
  call: ApiCall,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  for (;;) {
    const attempt = send(endpoint, agent, call, signal);
    try {
      return await attempt.answer;
    } catch (problem) {
      if (call.method === 'POST' || !attempt.onReusedSocket() || signal.aborted) throw problem;
    }
  }
}

function send(
  endpoint: ApiEndpoint,
  agent: Agent,
  call: ApiCall,
  signal: AbortSignal,
): { readonly answer: Promise<ApiAnswer>; onReusedSocket(): boolean } {
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const outgoing = request(endpoint.server + call.path, {
    agent,
    method: call.method,
    signal,
    headers: {
      ...endpoint.headers,
      accept: 'application/json',
      ...(payload !== undefined && {
        'content-type': call.contentType ?? 'application/json',
        'content-length': String(Buffer.byteLength(payload)),
      }),
    },
  });
  const answer = new Promise<ApiAnswer>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const uid = incoming.headers['x-kubernetes-pf-prioritylevel-uid'];
      const priorityLevelUid = typeof uid === 'string' ? uid : null;
      text(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body, priorityLevelUid }), reject);
    });
  });
  outgoing.end(payload);
  return { answer, onReusedSocket: () => outgoing.reusedSocket };
}
