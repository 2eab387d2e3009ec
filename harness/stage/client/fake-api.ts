import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeStore } from './fake-store.ts';
import { keyOf } from './object-store.ts';
import { StatusError, hasCode } from './status-error.ts';
import type { ClientOptions, DeleteOptions, KubeObject, WatchEvent } from './types.ts';

/** An API for tests: in memory, plain HTTP, no authentication, any resource. */
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

interface Target {
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Starts on a free port of 127.0.0.1. Call `stop` at the end. */
export async function startFakeApi(): Promise<FakeApi> {
  const store = new FakeStore();
  const server = createServer((incoming, outgoing) => {
    handle(api, incoming, outgoing).catch((problem: unknown) => {
      if (!outgoing.headersSent) sendStatus(outgoing, problem);
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
    store,
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

async function handle(api: FakeApi, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  api.requests.push(`${method} ${url}`);
  const intercepted = api.intercept(method, url);
  if (intercepted === true) return;
  if (intercepted) throw intercepted;
  const { pathname, searchParams } = new URL(url, 'http://fake');
  const found = discovery(api.store, pathname);
  if (found) return sendJson(outgoing, found);
  const target = targetOf(pathname);
  if (searchParams.get('watch') === 'true') return watch(api.store, target, searchParams, outgoing);
  const body = await text(incoming);
  sendJson(outgoing, answer(api.store, method, target, searchParams, body === '' ? {} : JSON.parse(body)));
}

function groupOf(collection: string): string {
  return collection.slice(0, collection.lastIndexOf('/'));
}

/** What is served: every collection that ever had an object. */
function discovery(store: FakeStore, pathname: string): unknown {
  if (pathname === '/apis') {
    const groups = new Set(
      store
        .collections()
        .map(groupOf)
        .filter((group) => group !== 'v1'),
    );
    return { groups: [...groups].map((groupVersion) => ({ preferredVersion: { groupVersion } })) };
  }
  const groupVersion = /^\/apis?\/((?:[^/]+\/)?v\d[^/]*)$/.exec(pathname)?.[1];
  if (groupVersion === undefined) return undefined;
  const resources = store
    .collections()
    .filter((collection) => groupOf(collection) === groupVersion)
    .map((collection) => ({
      name: collection.slice(groupVersion.length + 1),
      namespaced: !['v1/namespaces', 'v1/nodes'].includes(collection),
      verbs: ['list', 'deletecollection'],
    }));
  return { groupVersion, resources };
}

function targetOf(pathname: string): Target {
  const [api, ...rest] = pathname.split('/').slice(1).map(decodeURIComponent);
  const groupVersion = rest.splice(0, api === 'api' ? 1 : 2).join('/');
  const within = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const namespace = within ? rest.splice(0, 2)[1] : undefined;
  const [plural, name, subresource] = rest;
  if (plural === undefined) throw new StatusError(`no such path: ${pathname}`, { code: 404, reason: 'NotFound' });
  return { collection: `${groupVersion}/${plural}`, namespace, name, subresource };
}

function answer(store: FakeStore, method: string, target: Target, query: URLSearchParams, body: unknown): unknown {
  const { collection, namespace, name, subresource } = target;
  if (name === undefined) {
    if (method === 'POST') return store.create(collection, inNamespace(body as KubeObject, namespace));
    const items = store.list(collection).filter((object) => selected(object, namespace, query));
    if (method === 'DELETE') {
      for (const item of items) store.delete(collection, keyOf(item), {});
    }
    const kind = `${items[0]?.kind ?? ''}List`;
    return { kind, apiVersion: groupOf(collection), metadata: { resourceVersion: store.version }, items };
  }
  const key = namespace === undefined ? name : `${namespace}/${name}`;
  if (subresource === 'binding') return bind(store, collection, key, body);
  if (subresource === 'eviction') return store.delete(collection, key, {});
  if (method === 'GET') return store.get(collection, key);
  if (method === 'DELETE') return store.delete(collection, key, deleteOptions(body));
  if (method === 'PUT') return store.update(collection, key, body as KubeObject, subresource);
  return store.update(collection, key, merge(store.get(collection, key), body) as KubeObject, subresource);
}

function inNamespace(object: KubeObject, namespace: string | undefined): KubeObject {
  return namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
}

function deleteOptions(body: unknown): DeleteOptions {
  const { preconditions, ...rest } = body as DeleteOptions & { preconditions?: { uid?: string } };
  return { ...rest, ...(preconditions?.uid !== undefined && { uid: preconditions.uid }) };
}

function bind(store: FakeStore, collection: string, key: string, body: unknown): KubeObject {
  const { target } = body as { target: { name: string } };
  const pod = store.get(collection, key);
  const spec = pod['spec'] as { nodeName?: string };
  if (spec.nodeName !== undefined) throw new StatusError('already bound', { code: 409, reason: 'Conflict' });
  return store.update(collection, key, { ...pod, spec: { ...spec, nodeName: target.name } });
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

function equalities(selector: string | null): string[][] {
  return (selector ?? '')
    .split(',')
    .filter(Boolean)
    .map((one) => one.split(/==?/));
}

/** Equality selectors only. */
function selected(object: KubeObject, namespace: string | undefined, query: URLSearchParams): boolean {
  const field = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
  return (
    (namespace === undefined || object.metadata.namespace === namespace) &&
    equalities(query.get('labelSelector')).every(([key = '', value]) => object.metadata.labels?.[key] === value) &&
    equalities(query.get('fieldSelector')).every(([path = '', value]) => (field(path) ?? '') === value)
  );
}

function watch(store: FakeStore, target: Target, query: URLSearchParams, outgoing: ServerResponse): void {
  const send = (event: WatchEvent): unknown => outgoing.write(`${JSON.stringify(event)}\n`);
  outgoing.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  const take = ({ collection, event }: { collection: string; event: WatchEvent }): void => {
    if (collection === target.collection && selected(event.object, target.namespace, query)) send(event);
  };
  const missed = store.since(Number(query.get('resourceVersion') ?? 0));
  if (missed === undefined) {
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    outgoing.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    return;
  }
  missed.forEach(take);
  const unlisten = store.listen(take);
  outgoing.on('close', unlisten);
}

function sendJson(outgoing: ServerResponse, body: unknown, code = 200): void {
  outgoing.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendStatus(outgoing: ServerResponse, problem: unknown): void {
  const known = problem instanceof StatusError ? problem : new StatusError(String(problem), { code: 500 });
  if (hasCode(known, 429)) outgoing.setHeader('retry-after', String(known.retryAfterS ?? 1));
  const { message, reason, code } = known;
  sendJson(outgoing, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code }, code ?? 500);
}
