import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeStore, type Change } from './fake-store.ts';
import { StatusError } from './status-error.ts';
import type { ClientOptions, DeleteOptions, KubeObject } from './types.ts';

/** An API for tests: in memory, plain HTTP, no authentication, any resource, no discovery. */
export interface FakeApi {
  readonly client: ClientOptions;
  readonly store: FakeStore;
  /** `GET /api/v1/pods?watch=true…`, in the order they came. */
  readonly requests: string[];
  /** Set to answer a request with something else: a StatusError is thrown, true hangs it, undefined goes on. */
  intercept: (method: string, url: string) => StatusError | true | undefined;
  /** The outage: every connection is cut, and new ones are refused. */
  stop(): Promise<void>;
  /** On the same port, with the same objects. */
  start(): Promise<void>;
}

/** Starts on a free port of 127.0.0.1. Call `stop` at the end. */
export async function startFakeApi(): Promise<FakeApi> {
  const server = createServer((incoming, outgoing) => {
    handle(api, incoming, outgoing).catch((problem: unknown) => {
      const known = problem instanceof StatusError ? problem : new StatusError(String(problem));
      const { message, reason, code = 500, retryAfterS } = known;
      if (retryAfterS !== undefined) outgoing.setHeader('retry-after', retryAfterS);
      if (!outgoing.headersSent) send(outgoing, { kind: 'Status', message, reason, code }, code);
    });
  });
  let port = 0;
  const start = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  };
  await start();
  const api: FakeApi = {
    client: { server: `http://127.0.0.1:${port}`, ca: '', userAgent: 'test', timeoutMs: 2_000 },
    store: new FakeStore(),
    requests: [],
    intercept: () => undefined,
    start,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return api;
}

function send(outgoing: ServerResponse, body: unknown, code = 200): void {
  outgoing.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** `/api/v1/…` or `/apis/GROUP/VERSION/…`, then a namespace or none, then what is asked for. */
const pathPattern = new RegExp(
  [
    '^/apis?/(?<version>(?:[^/]+/)?v\\w+)',
    '(?:/namespaces/(?<namespace>[^/]+)(?=/(?!status|finalize)))?',
    '/(?<plural>[^/]+)(?:/(?<name>[^/]+))?(?:/(?<subresource>[^/]+))?$',
  ].join(''),
);

async function handle(api: FakeApi, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const { store } = api;
  api.requests.push(`${method} ${url}`);
  const intercepted = api.intercept(method, url);
  if (intercepted === true) return;
  if (intercepted) throw intercepted;
  const { pathname, searchParams } = new URL(url, 'http://fake');
  const found = pathPattern.exec(pathname)?.groups;
  if (!found) throw new StatusError(`no such path: ${pathname}`, { code: 404, reason: 'NotFound' });
  const { version, namespace, plural, name, subresource } = found;
  const collection = `${version}/${plural}`;
  const isSelected = selection(namespace, searchParams);
  const payload = await text(incoming);
  const body: unknown = payload === '' ? {} : JSON.parse(payload);
  if (name !== undefined) {
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    send(outgoing, answer(store, `${method} ${subresource ?? ''}`.trim(), collection, key, body));
  } else if (method === 'POST') {
    send(outgoing, store.create(collection, body as KubeObject));
  } else if (searchParams.get('watch') === 'true') {
    watch(
      store,
      Number(searchParams.get('resourceVersion')),
      outgoing,
      (change) => change.collection === collection && isSelected(change.event.object),
    );
  } else {
    const items = store.list(collection).filter(isSelected);
    send(outgoing, {
      kind: `${items[0]?.kind}List`,
      apiVersion: version,
      metadata: { resourceVersion: store.version },
      items,
    });
  }
}

/** A call about one object; `what` is the method and, perhaps, a subresource. */
function answer(store: FakeStore, what: string, collection: string, key: string, body: unknown): KubeObject {
  const [method, subresource] = what.split(' ');
  if (method === 'DELETE') {
    const { preconditions, ...options } = body as DeleteOptions & { preconditions?: { uid: string } };
    return store.delete(collection, key, { ...options, uid: preconditions?.uid });
  }
  const before = store.get(collection, key);
  if (method === 'GET') return before;
  if (method === 'PUT') return store.update(collection, key, body as KubeObject, subresource);
  if (method === 'PATCH') return store.update(collection, key, merge(before, body) as KubeObject, subresource);
  const { nodeName } = before['spec'] as { nodeName?: string };
  if (what !== 'POST binding' || nodeName !== undefined) throw new StatusError('no', { code: 409, reason: 'Conflict' });
  const { target } = body as { target: { name: string } };
  return store.update(collection, key, merge(before, { spec: { nodeName: target.name } }) as KubeObject);
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const before = (typeof target === 'object' && !Array.isArray(target) ? target : {}) as Record<string, unknown> | null;
  const changed = Object.entries(patch).map(([key, value]) => [key, merge(before?.[key], value)] as const);
  const merged = { ...before, ...Object.fromEntries(changed) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** Equality selectors only. */
function selection(namespace: string | undefined, query: URLSearchParams): (object: KubeObject) => boolean {
  const termsOf = (selector: string): string[][] =>
    (query.get(selector) ?? '')
      .split(',')
      .filter(Boolean)
      .map((term) => term.split(/==?/));
  const [labels, fields] = [termsOf('labelSelector'), termsOf('fieldSelector')];
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels.every(([key = '', value]) => object.metadata.labels?.[key] === value) &&
    fields.every(([path = '', value]) => (fieldOf(object, path) ?? '') === value);
}

function fieldOf(object: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

function watch(store: FakeStore, from: number, outgoing: ServerResponse, concerns: (change: Change) => boolean): void {
  const write = (event: object): unknown => outgoing.write(`${JSON.stringify(event)}\n`);
  outgoing.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  const take = (change: Change): unknown => concerns(change) && write(change.event);
  const missed = store.since(from);
  if (missed) {
    missed.forEach(take);
    outgoing.on('close', store.listen(take));
  } else {
    write({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version' } });
    outgoing.end();
  }
}
