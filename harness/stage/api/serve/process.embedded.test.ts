import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject, WatchEvent } from '../../client/types.ts';
import { configMap } from '../testing/objects.ts';
import { makeTestCluster, openTestClient, type TestClient, type TestCluster } from '../testing/test-api.ts';

interface ApiProcess extends TestClient {
  readonly child: ChildProcess;
  /** Resolves with the exit code, or the signal's name, when it has ended. */
  readonly ended: Promise<number | string>;
}

const main = join(import.meta.dirname, '../main.ts');

/** The API server as the node agent starts it; resolves when it is ready. */
async function spawnApi({ options, ca, admin }: TestCluster): Promise<ApiProcess> {
  const { dataDir, servicePrefix } = options;
  const where = [`--data-dir=${dataDir}`, `--service-cluster-ip-range=${servicePrefix}0/24`];
  const args = [main, '--advertise-address=127.0.0.1', '--secure-port=0', ...where];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (line !== 'ready') continue;
    const [, url = ''] = /^serving on (.*)$/m.exec(lines.join('\n')) ?? [];
    return { ...openTestClient(url, ca.cert, admin), child, ended };
  }
  throw new Error(`The API server ended:\n${lines.join('\n')}`);
}

let cluster: TestCluster;
let started: ApiProcess[];
beforeEach(async () => {
  cluster = await makeTestCluster();
  started = [];
});
afterEach(async () => {
  for (const one of started) {
    one.close();
    one.child.kill('SIGKILL');
    await one.ended;
  }
  cluster.remove();
});

async function start(): Promise<ApiProcess> {
  const api = await spawnApi(cluster);
  started.push(api);
  return api;
}

const maps = '/api/v1/namespaces/default/configmaps';

async function listMaps(api: ApiProcess): Promise<KubeObject[]> {
  return (await api.call('GET', maps)).object['items'] as KubeObject[];
}

test('of 20 clients that create the same 200 objects at once through two servers, exactly one wins each', async () => {
  const servers = [await start(), await start()];
  const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
  const winners = new Map(names.map((name) => [name, [] as string[]]));
  const statuses = new Set<number>();
  await Promise.all(
    Array.from({ length: 20 }, async (_, client) => {
      const api = servers[client % 2] as ApiProcess;
      for (const name of names) {
        const { status } = await api.call('POST', maps, { body: configMap(name, { client: `${client}` }) });
        statuses.add(status);
        if (status === 201) winners.get(name)?.push(`${client}`);
      }
    }),
  );
  expect(statuses).toEqual(new Set([201, 409]));
  const stored = await listMaps(servers[0] as ApiProcess);
  expect(stored.map(({ metadata, data }) => [metadata.name, (data as { client: string }).client])).toEqual(
    names.toSorted().map((name) => [name, ...(winners.get(name) ?? [])]),
  );
});

test('of 20 clients that update one version of an object, exactly one wins', async () => {
  const servers = [await start(), await start()];
  const [first] = servers as [ApiProcess];
  await first.call('POST', maps, { body: configMap('contended') });
  for (let round = 0; round < 10; round++) {
    const { object } = await first.call('GET', `${maps}/contended`);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, client) => {
        const api = servers[client % 2] as ApiProcess;
        const body = { ...object, data: { winner: `${round}-${client}` } };
        return (await api.call('PUT', `${maps}/contended`, { body })).status;
      }),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  }
});

test('services made through two servers at once never share an address', async () => {
  const servers = [await start(), await start()];
  const made = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, index) =>
        await (servers[index % 2] as ApiProcess).call('POST', '/api/v1/namespaces/default/services', {
          body: { metadata: { name: `s${index}` }, spec: { ports: [{ port: 80 }] } },
        }),
    ),
  );
  expect(new Set(made.map(({ object }) => (object['spec'] as { clusterIP: string }).clusterIP)).size).toBe(40);
});

test('kill -9 in the midst of writing loses nothing that was acknowledged', async () => {
  const acknowledged = new Map<string, string>();
  for (let life = 0; life < 3; life++) {
    const api = await start();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const name = `w${life}-${writer}-${count}`;
        try {
          const { status, object } = await api.call('POST', maps, { body: configMap(name) });
          expect(status).toBe(201);
          acknowledged.set(name, object.metadata.resourceVersion ?? '');
        } catch (problem) {
          if (api.child.killed) return;
          throw problem;
        }
        if (acknowledged.size > 60 * (life + 1)) api.child.kill('SIGKILL');
      }
    });
    await Promise.all(writers);
    expect(await api.ended).toBe('SIGKILL');
  }
  const stored = new Map(
    (await listMaps(await start())).map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
  );
  for (const [name, revision] of acknowledged) expect(stored.get(name)).toBe(revision);
  // Revisions go on where they were: none was given twice.
  expect(new Set(stored.values()).size).toBe(stored.size);
});

/** Watches through every restart, as client libraries do: from the last revision that was seen. */
async function follow(
  current: () => ApiProcess | undefined,
  revision: string,
  until: number,
  signal: AbortSignal,
): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  let last = revision;
  while (seen.length < until && !signal.aborted) {
    const attempt = new AbortController();
    try {
      const path = `${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=${last}`;
      const api = current();
      if (!api) throw new Error('The server is away');
      for await (const event of api.watch(path, attempt.signal)) {
        expect(event.type).not.toBe('ERROR');
        last = event.object.metadata.resourceVersion ?? last;
        if (event.type !== 'BOOKMARK') seen.push(event);
        if (seen.length >= until) break;
      }
    } catch {
      // The server is away; try again.
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    } finally {
      attempt.abort();
    }
  }
  return seen;
}

test('watchers of two servers see every change once and in order, while one of them is killed and restarted', async () => {
  const steady = await start();
  let other: ApiProcess | undefined = await start();
  await steady.call('POST', maps, { body: configMap('watched') });
  const revision = (await steady.call('GET', maps)).object.metadata.resourceVersion ?? '';
  const give = new AbortController();
  const watching = [0, 1, 2, 3].map(
    async (index) => await follow(() => (index % 2 === 0 ? steady : other), revision, 120, give.signal),
  );
  const write = async (from: number, to: number): Promise<void> => {
    for (let count = from; count < to; count++) {
      const headers = { 'content-type': 'application/merge-patch+json' };
      const { status } = await steady.call('PATCH', `${maps}/watched`, {
        body: { data: { count: `${count}` } },
        headers,
      });
      expect(status).toBe(200);
    }
  };
  await write(0, 40);
  const killed = other;
  killed.child.kill('SIGKILL');
  await killed.ended;
  other = undefined;
  await write(40, 80);
  other = await start();
  await write(80, 120);
  const expected = Array.from({ length: 120 }, (_, count) => `${count}`);
  for (const seen of await Promise.all(watching)) {
    expect(seen.map(({ object }) => (object['data'] as { count: string }).count)).toEqual(expected);
  }
});

test('SIGTERM ends watches and the process; so does the end of whoever started it', async () => {
  for (const end of [(api: ApiProcess) => api.child.kill('SIGTERM'), (api: ApiProcess) => api.child.stdin?.end()]) {
    const api = await start();
    const watching = api.watch(`${maps}?watch=true&resourceVersion=0`, new AbortController().signal).next();
    await api.call('GET', '/readyz');
    end(api);
    expect(await watching).toMatchObject({ done: true });
    expect(await api.ended).toBe(0);
  }
});

function run(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

test('flags that make no sense, or a folder without a PKI, end the process with a sentence', () => {
  expect(run()).toMatchObject({ status: 1, stderr: 'kube-apiserver: --advertise-address is required\n' });
  const missing = run('--advertise-address=127.0.0.1', '--data-dir=/nowhere', '--service-cluster-ip-range=10.0.0.0/24');
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain("/nowhere/pki/apiserver.key'");
});
