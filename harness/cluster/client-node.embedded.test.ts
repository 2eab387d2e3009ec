import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ApiError } from './api-error.ts';
import { openApiClient } from './client-node.ts';
import type { ApiClient } from './client.ts';

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void;

const pem = (name: string): Buffer => readFileSync(new URL(`./test-tls/${name}.pem`, import.meta.url));
const base64 = (name: string): string => pem(name).toString('base64');
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'x', name: 'a' };

let folder: string;
let server: Server;
let sockets: Socket[];
let calls: string[];
let handlers: Map<string, Handler>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-client-'));
  sockets = [];
  calls = [];
  const resources = [
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'pods/status', kind: 'Pod', namespaced: true },
    { name: 'nodes', kind: 'Node', namespaced: false },
  ];
  handlers = new Map([['GET /api/v1', answer(200, { resources })]]);
  const tls = { key: pem('key'), cert: pem('cert'), ca: pem('cert'), requestCert: true, rejectUnauthorized: true };
  server = createServer(tls, (incoming, outgoing) => {
    const call = `${incoming.method} ${incoming.url}`;
    calls.push(call);
    void text(incoming).then((body) => {
      (handlers.get(call) ?? answer(404, { message: 'no such thing' }))(incoming, outgoing, body);
    });
  });
  server.on('secureConnection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function answer(status: number, body: unknown): Handler {
  return (_, outgoing) => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function client(deadlineMs = 5_000): ApiClient {
  const path = join(folder, 'kubeconfig');
  const address = server.address() as AddressInfo;
  const cluster = { server: `https://127.0.0.1:${address.port}`, 'certificate-authority-data': base64('cert') };
  const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(path, stringify(config));
  return openApiClient(path, { deadlineMs });
}

test('many calls one after the other share one connection', async () => {
  handlers.set('GET /api/v1/namespaces/x/pods/a', answer(200, { metadata: { name: 'a' } }));
  const api = client();
  for (let i = 0; i < 30; i++) expect(await api.get(pod)).toMatchObject({ metadata: { name: 'a' } });
  expect(sockets).toHaveLength(1);
});

test('many calls at once share a pool of sixteen connections', async () => {
  handlers.set('GET /readyz', answer(200, 'ok'));
  const api = client();
  expect(await Promise.all(Array.from({ length: 64 }, () => api.ready()))).not.toContain(false);
  expect(sockets.length).toBeLessThanOrEqual(16);
});

test('what a group serves is asked once', async () => {
  const api = client();
  await api.get(pod);
  await api.get(pod);
  expect(calls.filter((call) => call === 'GET /api/v1')).toHaveLength(1);
});

test('a missing object is undefined, and deleting it is fine', async () => {
  const api = client();
  expect(await api.get(pod)).toBeUndefined();
  await expect(api.delete(pod)).resolves.toBeUndefined();
  expect(calls).toContain('DELETE /api/v1/namespaces/x/pods/a');
});

test('of a group that is not served there is nothing to get, list or delete, and nothing can be created', async () => {
  const api = client();
  const chaos = { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'PodChaos', namespace: 'x', name: 'a' };
  expect(await api.get(chaos)).toBeUndefined();
  expect(await api.list(chaos)).toEqual([]);
  await api.delete(chaos);
  await expect(api.create({ ...chaos, metadata: { name: 'a' } })).rejects.toThrow('does not serve');
});

test('a kind that its group does not have is an error, not an empty list', async () => {
  await expect(client().list({ apiVersion: 'v1', kind: 'Pdo' })).rejects.toThrow('no kind Pdo');
});

test('an answer that is no success carries its status and the reason', async () => {
  handlers.set('GET /api/v1/namespaces/x/pods/a', answer(403, { message: 'not yet' }));
  const problem = await client()
    .get(pod)
    .catch((thrown: unknown) => thrown);
  expect(problem).toBeInstanceOf(ApiError);
  expect(problem).toMatchObject({ code: 'cluster', status: 403 });
  expect((problem as Error).message).toContain('403 not yet');
});

test('a call without an answer ends at its deadline', async () => {
  handlers.set('GET /api/v1/namespaces/x/pods/a', () => {});
  await expect(client(200).get(pod)).rejects.toThrow('no answer within 0.2 s');
});

test('the deadline counts to the last byte', async () => {
  handlers.set('GET /api/v1/namespaces/x/pods/a', (_, outgoing) => void outgoing.writeHead(200).write('{'));
  await expect(client(200).get(pod)).rejects.toThrow('no answer within 0.2 s');
});

test('an API server that is away is not ready, and ready does not reject', async () => {
  const api = client();
  server.close();
  expect(await api.ready()).toBe(false);
});

test('a pooled connection that was closed meanwhile is replaced without an error', async () => {
  handlers.set('GET /api/v1/namespaces/x/pods/a', (incoming, outgoing, body) => {
    if (sockets.length === 1 && calls.length > 2) incoming.socket.destroy();
    else answer(200, { metadata: { name: 'a' } })(incoming, outgoing, body);
  });
  const api = client();
  await api.get(pod);
  await expect(api.get(pod)).resolves.toBeDefined();
  expect(sockets).toHaveLength(2);
});

test('objects of a list get the kind that they lack on the wire', async () => {
  handlers.set('GET /api/v1/pods?labelSelector=a%3Db', answer(200, { items: [{ metadata: { name: 'a' } }] }));
  const pods = await client().list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'a=b' });
  expect(pods).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }]);
});

test('create posts to the collection, patch sends a merge patch', async () => {
  const seen: string[] = [];
  const record: Handler = (incoming, outgoing, body) => {
    seen.push(`${incoming.headers['content-type']} ${body}`);
    answer(201, { metadata: { name: 'a' } })(incoming, outgoing, body);
  };
  handlers.set('POST /api/v1/namespaces/x/pods', record);
  handlers.set('PATCH /api/v1/namespaces/x/pods/a', record);
  const api = client();
  await api.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' } });
  await api.patch(pod, { spec: null });
  expect(seen[0]).toContain('application/json {"apiVersion":"v1"');
  expect(seen[1]).toBe('application/merge-patch+json {"spec":null}');
});
