import { Agent as HttpAgent, request, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../core/errors.ts';
import { jsonLines } from './json-lines.ts';
import { resourcePath } from './paths.ts';
import { StatusError, hasCode } from './status-error.ts';
import type { ClientOptions, KubeObject, ListOptions, StageClient, WatchEvent } from './types.ts';

/** The server ends a watch by itself after 5 to 10 minutes (client-go's choice), so that none is silent for ever. */
const watchTimeoutS = 300;
/** How much later than the server the client ends a watch. */
const watchGraceS = 30;
const mergePatch = 'application/merge-patch+json';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

/** Resolves with the head of the answer. */
type Send = (call: Call, signal: AbortSignal) => Promise<IncomingMessage>;

/** Opens a client. Nothing is sent before the first call. `http://` is for tests. */
export function openClient(options: ClientOptions): StageClient {
  const { server, ca, cert, key, timeoutMs = 10_000 } = options;
  const agent = server.startsWith('https:')
    ? new HttpsAgent({ ca, cert, key, keepAlive: true })
    : new HttpAgent({ keepAlive: true });
  const send = sender(options, agent);
  const ask = async (call: Call): Promise<Answer> => await read(await send(call, AbortSignal.timeout(timeoutMs)));
  const json = async <T = KubeObject>(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<T> => {
    const call = { method, path, body, contentType };
    return await named(call, async () => {
      const answer = await ask(call);
      if (answer.status > 299) throw refusal(call, answer);
      return JSON.parse(answer.body) as T;
    });
  };
  return {
    get: async (resource, namespace, name) => await unless([404], json('GET', resourcePath(resource, namespace, name))),
    list: async (resource, { namespace, ...query } = {}) =>
      fromList(await json('GET', resourcePath(resource, namespace) + queryString(query))),
    create: async (resource, object, subresource) => {
      const { namespace, name } = object.metadata;
      return await json('POST', resourcePath(resource, namespace, subresource && name, subresource), object);
    },
    update: async (resource, object, subresource) => {
      const { namespace, name } = object.metadata;
      return await json('PUT', resourcePath(resource, namespace, name, subresource), object);
    },
    patch: async (resource, { namespace, name }, patch, subresource) =>
      await json('PATCH', resourcePath(resource, namespace, name, subresource), patch, mergePatch),
    delete: async (resource, { namespace, name }, { uid, ...rest } = {}) => {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...rest, ...(uid && { preconditions: { uid } }) };
      // 409 with a uid: what was meant is gone, and another object has its name.
      await unless(uid ? [404, 409] : [404], json('DELETE', resourcePath(resource, namespace, name), body));
    },
    raw: async (method, path, body) => {
      const call = { method, path, body };
      return await named(call, async () => await ask(call));
    },
    watch: async (resource, { namespace, signal, onEvent, ...query }) =>
      await watch(send, resourcePath(resource, namespace), query, { signal, onEvent, timeoutMs }),
    close: () => agent.destroy(),
  };
}

function sender({ server, token, userAgent }: ClientOptions, agent: HttpAgent): Send {
  return async ({ method, path, body, contentType = 'application/json' }, signal) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
    };
    for (;;) {
      const outgoing = request(server + path, { agent, method, signal, headers });
      try {
        return await new Promise<IncomingMessage>((resolve, reject) => {
          outgoing.on('error', reject).on('response', resolve).end(payload);
        });
      } catch (problem) {
        // A pooled socket may have been closed by the other side just as it was taken (the API server was killed). That
        // says nothing about the server that answers now, so calls that may be sent twice go to the next socket.
        if (signal.aborted) throw signal.reason;
        if (method === 'POST' || !outgoing.reusedSocket) throw problem;
      }
    }
  };
}

async function watch(
  send: Send,
  collection: string,
  query: Omit<ListOptions, 'namespace'>,
  { signal, onEvent, timeoutMs }: { signal: AbortSignal; onEvent: (event: WatchEvent) => void; timeoutMs: number },
): Promise<void> {
  const timeoutSeconds = Math.round(watchTimeoutS * (1 + Math.random()));
  const path = collection + queryString({ ...query, watch: true, allowWatchBookmarks: true, timeoutSeconds });
  const call = { method: 'GET', path };
  const noAnswer = new AbortController();
  const timer = setTimeout(() => noAnswer.abort(new Error('no answer')), timeoutMs);
  const tooLong = AbortSignal.timeout((timeoutSeconds + watchGraceS) * 1_000);
  const events = async (): Promise<void> => {
    const answer = await send(call, AbortSignal.any([signal, noAnswer.signal, tooLong]));
    clearTimeout(timer);
    if (answer.statusCode !== 200) throw refusal(call, await read(answer));
    for await (const event of jsonLines(answer) as AsyncGenerator<WatchEvent>) {
      if (signal.aborted) return;
      // 410, for example, is how a watch fails once it has begun.
      if (event.type === 'ERROR') throw refusal(call, { status: 500, body: JSON.stringify(event.object) });
      onEvent(event);
    }
  };
  try {
    await named(call, events);
  } catch (problem) {
    if (!signal.aborted) throw problem;
  } finally {
    clearTimeout(timer);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterS?: number | undefined;
}

async function read(answer: IncomingMessage): Promise<Answer> {
  const seconds = Number(answer.headers['retry-after']);
  return { status: answer.statusCode ?? 0, body: await text(answer), retryAfterS: seconds > 0 ? seconds : undefined };
}

/** What a Status object says, if the body is one. */
function refusal({ method, path }: Call, { status, body, retryAfterS }: Answer): StatusError {
  type Status = { message?: string; reason?: string; code?: number };
  const said = body.startsWith('{') ? (JSON.parse(body) as Status) : {};
  const { message = `${method} ${path}: HTTP ${status}`, reason, code = status } = said;
  return new StatusError(message, { code, reason, retryAfterS });
}

/** Whatever goes wrong is a StatusError; without an answer, one without a code. */
async function named<T>({ method, path }: Call, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof StatusError ? cause : new StatusError(`${method} ${path}: ${messageOf(cause)}`, { cause });
  }
}

async function unless<T>(codes: readonly number[], answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch((problem: unknown) => {
    if (!hasCode(problem, ...codes)) throw problem;
    return undefined;
  });
}

type List = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  metadata: { resourceVersion: string };
  items: KubeObject[] | null;
};

/** The items of a list need not say what they are. */
function fromList({ apiVersion, kind, metadata, items }: List): { resourceVersion: string; items: KubeObject[] } {
  const type = { apiVersion, kind: kind.replace(/List$/, '') };
  return { resourceVersion: metadata.resourceVersion, items: (items ?? []).map((item) => ({ ...type, ...item })) };
}

/** `?a=b&…`, or nothing when every value is undefined. */
function queryString(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
