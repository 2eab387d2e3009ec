import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../core/errors.ts';
import { jsonLines } from './json-lines.ts';
import { queryString, resourcePath } from './paths.ts';
import { StatusError, hasCode, statusError } from './status-error.ts';
import { openTransport, type Call, type Transport } from './transport.ts';
import type {
  ClientOptions,
  DeleteOptions,
  KubeObject,
  ListOptions,
  ObjectList,
  Resource,
  StageClient,
  WatchEvent,
  WatchOptions,
} from './types.ts';

const defaultTimeoutMs = 10_000;
/** The server ends a watch by itself after 5 to 10 minutes (client-go's choice), so that none is silent for ever. */
const watchTimeoutS = 300;
/** How much later than the server the client ends a watch. */
const watchGraceS = 30;

type Ask = (call: Omit<Call, 'signal'>) => Promise<{ status: number; body: string; retryAfterS: number | undefined }>;

/** Opens a client. Nothing is sent before the first call. */
export function openClient(options: ClientOptions): StageClient {
  const transport = openTransport(options);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const ask: Ask = async (call) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await transport.send({ ...call, signal });
    try {
      return { status: answer.statusCode ?? 0, body: await text(answer), retryAfterS: retryAfter(answer) };
    } catch (problem) {
      throw new StatusError(`${call.method} ${call.path}: ${messageOf(problem)}`, { cause: problem });
    }
  };
  const object = async (method: string, path: string, body?: unknown, contentType?: string): Promise<KubeObject> =>
    (await json(ask, { method, path, body, contentType })) as KubeObject;
  return {
    get: async (resource, namespace, name) => {
      try {
        return await object('GET', resourcePath(resource, namespace, name));
      } catch (problem) {
        if (hasCode(problem, 404)) return undefined;
        throw problem;
      }
    },
    list: async (resource, listOptions = {}) => await list(ask, resource, listOptions),
    create: async (resource, body) => await object('POST', resourcePath(resource, body.metadata.namespace), body),
    update: async (resource, body, subresource) => {
      const { namespace, name } = body.metadata;
      return await object('PUT', resourcePath(resource, namespace, name, subresource), body);
    },
    patch: async (resource, { namespace, name }, patch, subresource) =>
      await object(
        'PATCH',
        resourcePath(resource, namespace, name, subresource),
        patch,
        'application/merge-patch+json',
      ),
    delete: async (resource, { namespace, name }, deleteOptions = {}) =>
      await remove(ask, resourcePath(resource, namespace, name), deleteOptions),
    raw: async (method, path, body, contentType) => {
      const { status, body: answer } = await ask({ method, path, body, contentType });
      return { status, body: answer };
    },
    watch: async (resource, watchOptions) => await watch(transport, timeoutMs, resource, watchOptions),
    close: () => transport.close(),
  };
}

async function json(ask: Ask, call: Omit<Call, 'signal'>): Promise<unknown> {
  const { status, body, retryAfterS } = await ask(call);
  const parsed = parse(body);
  const failed = status < 200 || status > 299;
  if (failed || parsed === undefined) {
    const message = `${call.method} ${call.path}: HTTP ${status}${failed ? '' : ', and the body is no JSON'}`;
    throw statusError(failed ? parsed : undefined, { message, code: status, retryAfterS });
  }
  return parsed;
}

async function list(ask: Ask, resource: Resource, options: ListOptions): Promise<ObjectList> {
  const { namespace, ...query } = options;
  const path = resourcePath(resource, namespace) + queryString(query);
  const answer = (await json(ask, { method: 'GET', path })) as {
    apiVersion: string;
    kind: string;
    metadata?: { resourceVersion?: string };
    items?: Omit<KubeObject, 'apiVersion' | 'kind'>[] | null;
  };
  // The items of a list need not say what they are.
  const type = { apiVersion: answer.apiVersion, kind: answer.kind.replace(/List$/, '') };
  return {
    resourceVersion: answer.metadata?.resourceVersion ?? '',
    items: (answer.items ?? []).map((item) => ({ ...type, ...item }) as KubeObject),
  };
}

async function remove(ask: Ask, path: string, { uid, ...rest }: DeleteOptions): Promise<void> {
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...rest,
    ...(uid !== undefined && { preconditions: { uid } }),
  };
  try {
    await json(ask, { method: 'DELETE', path, body });
  } catch (problem) {
    // 409 with a uid: what was meant is gone, and another object has its name.
    if (!hasCode(problem, 404) && !(uid !== undefined && hasCode(problem, 409))) throw problem;
  }
}

async function watch(
  transport: Transport,
  timeoutMs: number,
  resource: Resource,
  { namespace, signal, onEvent, ...query }: WatchOptions,
): Promise<void> {
  if (signal.aborted) return;
  const timeoutSeconds = Math.round(watchTimeoutS * (1 + Math.random()));
  const path =
    resourcePath(resource, namespace) +
    queryString({ ...query, watch: true, allowWatchBookmarks: true, timeoutSeconds });
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener('abort', end);
  let timer = setTimeout(end, timeoutMs);
  try {
    const answer = await transport.send({ method: 'GET', path, signal: ended.signal });
    clearTimeout(timer);
    timer = setTimeout(end, (timeoutSeconds + watchGraceS) * 1_000);
    if (answer.statusCode !== 200) throw await refusal(path, answer);
    for await (const event of jsonLines(answer)) {
      if (signal.aborted) return;
      take(event as WatchEvent, onEvent);
    }
  } catch (problem) {
    if (signal.aborted) return;
    if (problem instanceof StatusError) throw problem;
    throw new StatusError(`watch ${path}: ${messageOf(problem)}`, { cause: problem });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** An ERROR event (410, for example) is how a watch fails once it has begun. */
function take(event: WatchEvent, onEvent: (event: WatchEvent) => void): void {
  if (event.type === 'ERROR') throw statusError(event.object, { message: 'the watch failed' });
  onEvent(event);
}

async function refusal(path: string, answer: IncomingMessage): Promise<StatusError> {
  const code = answer.statusCode ?? 0;
  return statusError(parse(await text(answer)), {
    message: `watch ${path}: HTTP ${code}`,
    code,
    retryAfterS: retryAfter(answer),
  });
}

function retryAfter({ headers }: IncomingMessage): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
