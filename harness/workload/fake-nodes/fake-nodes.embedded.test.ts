import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { httpsServer, type HttpsServer } from '../testing/https-server.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

interface Stored {
  readonly kind: string;
  readonly metadata: { name: string; uid?: string; annotations?: Record<string, string> };
  readonly spec?: { nodeName?: string };
  status?: { phase?: string };
}

/** The few calls of the Kubernetes API that are needed, over a map. Adds 1,000 bytes to every object. */
class TinyApi {
  /** By path. */
  readonly objects = new Map<string, Stored>();
  readonly calls: string[] = [];
  #uids = 0;

  readonly answer: RequestListener = (request, response) => {
    void Array.fromAsync(request).then((chunks) => {
      const url = new URL(request.url ?? '/', 'https://api');
      this.calls.push(`${request.method} ${url.pathname}`);
      const [status, body] = this.#handle(request, url, chunks.join(''));
      response.writeHead(status).end(JSON.stringify(body));
    });
  };

  names(kind: string): string[] {
    return [...this.objects.values()].filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  }

  #handle({ method, headers }: IncomingMessage, { pathname, searchParams }: URL, body: string): [number, object] {
    if (headers.authorization !== 'Bearer secret') return [401, { message: 'who?' }];
    if (method === 'GET') return [200, this.#page(pathname, searchParams)];
    const given = JSON.parse(body) as Stored;
    if (method === 'POST') {
      const path = `${pathname}/${given.metadata.name}`;
      if (this.objects.has(path)) return [409, { message: 'there' }];
      const metadata = { ...given.metadata, uid: `uid-${++this.#uids}`, managedFields: 'm'.repeat(1_000) };
      const { status, ...rest } = given;
      // A node comes with its status, a pod does not.
      const made = { ...rest, metadata, ...(given.kind === 'Node' && { status }) };
      this.objects.set(path, made);
      return [201, made];
    }
    const known = this.objects.get(pathname.replace(/\/status$/, ''));
    if (!known) return [404, { message: 'not there' }];
    return [200, Object.assign(known, given)];
  }

  #page(path: string, query: URLSearchParams): object {
    const isWanted = ([key]: [string, Stored]): boolean =>
      key.startsWith(`${path}/`) && query.get('labelSelector') === 'blackstart.dev/fake=true';
    const all = [...this.objects].filter(isWanted).map(([, object]) => object);
    const from = Number(query.get('continue') ?? 0);
    const to = from + Number(query.get('limit'));
    return { items: all.slice(from, to), metadata: { ...(to < all.length && { continue: String(to) }) } };
  }
}

async function apiServer(answer: RequestListener): Promise<HttpsServer> {
  const server = await httpsServer(answer);
  close.push(() => server.close());
  return server;
}

interface Started {
  readonly child: ChildProcess;
  readonly get: (path: string) => Promise<{ status: number; body: Record<string, unknown> }>;
  readonly ready: () => Promise<void>;
}

/** The program itself. */
async function startFakeNodes(config: object, { url, ca }: HttpsServer): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-nodes-'));
  writeFileSync(join(folder, 'token'), 'secret\n');
  writeFileSync(join(folder, 'ca.crt'), ca);
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { FAKE_CONFIG: JSON.stringify(config), API_SERVER: url, SA_DIR: folder, PORT: '0', POD_IP: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  close.push(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [, address = ''] = /fake-nodes listens on (\S+)/.exec(line.toString()) ?? [];
  const get: Started['get'] = async (path) => {
    const response = await fetch(`http://${address}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const ready = async (): Promise<void> => {
    while ((await get('/ready')).status !== 200) await sleep(20);
  };
  return { child, get, ready };
}

const config = { nodes: 20, podsPerNode: 30 };

it('makes Ready nodes with leases and running pods of about the wanted size, over 32 connections', async () => {
  const api = new TinyApi();
  const server = await apiServer(api.answer);
  const program = await startFakeNodes(config, server);
  await program.ready();
  expect(await program.get('/status')).toEqual({
    status: 200,
    body: { nodes: 20, pods: 600, wantedNodes: 20, wantedPods: 600, problems: [] },
  });
  expect([api.names('Node').length, api.names('Pod').length, api.names('Lease').length]).toEqual([20, 600, 20]);
  const [, ...pods] = [...api.objects.values()].filter(({ kind }) => kind === 'Pod');
  for (const pod of pods) {
    expect([pod.status?.phase, pod.spec?.nodeName]).toEqual(['Running', nodeOf(pod)]);
    // Uids differ in length here.
    expect(Math.abs(JSON.stringify(pod).length - 4_500)).toBeLessThan(10);
  }
  // And up to 8 for the leases.
  expect(server.connections()).toBeGreaterThan(2);
  expect(server.connections()).toBeLessThanOrEqual(40);
});

function nodeOf({ metadata }: Stored): string {
  return `blackstart-${metadata.name.slice(0, 'fake-0001'.length)}`;
}

it('makes only what is missing after it was started again, page by page', async () => {
  const api = new TinyApi();
  const server = await apiServer(api.answer);
  const first = await startFakeNodes(config, server);
  await first.ready();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const pods = [...api.objects].filter(([, { kind }]) => kind === 'Pod');
  for (const [path] of pods.slice(0, 7)) api.objects.delete(path);
  for (const [, pod] of pods.slice(7, 9)) pod.status = { phase: 'Pending' };
  api.calls.length = 0;

  const second = await startFakeNodes(config, server);
  await second.ready();
  expect(api.names('Pod')).toHaveLength(600);
  const count = (method: string, part: string): number =>
    api.calls.filter((call) => call.startsWith(method) && call.includes(part)).length;
  expect(count('POST', '/pods')).toBe(9);
  expect(count('PATCH', '/pods/')).toBe(9);
  expect(count('POST', '/nodes')).toBe(0);
  // Two readings of two pages each.
  expect(count('GET', '/pods')).toBe(4);
});

it('gets there although the API refuses, fails and breaks connections, and tells so', async () => {
  const api = new TinyApi();
  let calls = 0;
  const server = await apiServer((request, response) => {
    const turn = ++calls % 29;
    if (turn === 3) return void response.writeHead(429, { 'retry-after': '1' }).end('busy');
    if (turn === 7) return void response.writeHead(500).end('{"message":"broken"}');
    if (turn === 11) return void request.socket.destroy();
    api.answer(request, response);
  });
  const program = await startFakeNodes({ nodes: 10, podsPerNode: 5 }, server);
  await program.ready();
  expect([api.names('Node').length, api.names('Pod').length, api.names('Lease').length]).toEqual([10, 50, 10]);
  const { problems } = (await program.get('/status')).body as { problems: string[] };
  expect(problems.join('\n')).toMatch(/500 broken/);
  expect(problems.join('\n')).toMatch(/429 busy/);
});

it('is not ready while the API is away, and ends at once on SIGTERM', async () => {
  const server = await apiServer((request) => request.socket.destroy());
  const program = await startFakeNodes(config, server);
  while (((await program.get('/status')).body['problems'] as string[]).length === 0) await sleep(20);
  const { status, body } = await program.get('/ready');
  expect([status, body['nodes'], body['pods'], body['wantedPods']]).toEqual([503, 0, 0, 600]);
  program.child.kill('SIGTERM');
  expect(await once(program.child, 'exit')).toEqual([0, null]);
});

it('ends with exit code 64 and every problem in one line', async () => {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { FAKE_CONFIG: '{"nodes":0,"pods":3}', API_SERVER: 'a', SA_DIR: '/nonexistent', PORT: 'x' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = Array.fromAsync(child.stderr);
  expect(await once(child, 'exit')).toEqual([64, null]);
  const text = (await said).join('');
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  for (const part of [
    'fake-nodes: API_SERVER must be an https address',
    'POD_IP is missing',
    'PORT must be a port',
    'FAKE_CONFIG: nodes must be a whole number from 1 to 9999; it is 0',
    'FAKE_CONFIG: podsPerNode must be a whole number from 0 to 500; it is missing',
    'FAKE_CONFIG: pods is unknown',
    'SA_DIR has no service account',
  ]) {
    expect(text).toContain(part);
  }
});
