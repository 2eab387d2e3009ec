import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { ObjectStore } from '../store/object-store.ts';
import { configMap } from '../testing/objects.ts';
import { makeTestCluster, openTestClient, type TestCluster } from '../testing/test-api.ts';
import { startApiServer } from './server.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await makeTestCluster();
});
afterEach(() => cluster.remove());

/** So many objects that loading them takes a while. */
function fill(count: number): void {
  const file = join(cluster.dataDir, 'store.sqlite');
  new ObjectStore(file, 10).close();
  const database = new DatabaseSync(file);
  const put = database.prepare('INSERT INTO objects VALUES (?, ?, ?, ?)');
  const log = database.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (let revision = 1; revision <= count; revision++) {
    const name = `n${revision}`;
    const { metadata, ...rest } = configMap(name);
    const value = JSON.stringify({ ...rest, metadata: { ...metadata, resourceVersion: String(revision) } });
    put.run('configmaps', 'default', name, value);
    log.run(revision, 'configmaps', 'default', name, 0, value, null);
  }
  database.exec('COMMIT');
  database.close();
}

test('a server that starts listens at once, is not ready until its caches are filled, and refuses what would need them', async () => {
  fill(20_000);
  const server = await startApiServer(cluster.options, systemClock);
  const client = openTestClient(server.url, cluster.ca.cert, cluster.admin);
  const nobody = openTestClient(server.url, cluster.ca.cert);
  const codes: number[] = [];
  const lists: number[] = [];
  const refusals: unknown[] = [];
  while (codes.at(-1) !== 200) {
    codes.push((await nobody.call('GET', '/readyz')).status);
    const list = await client.call('GET', '/api/v1/namespaces/default/configmaps?limit=1');
    lists.push(list.status);
    if (list.status === 429) refusals.push([list.headers['retry-after'], list.object['message']]);
  }
  // Before it knows whom to let in it says 403.
  expect([...new Set(codes)].filter((code) => code !== 403)).toEqual([500, 200]);
  expect([...new Set(lists)]).toEqual([429, 200]);
  expect(new Set(refusals.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(['1', 'storage is (re)initializing'])]),
  );
  client.close();
  nobody.close();
  await server.close();
});

test('a server that is told to end while it starts ends', async () => {
  fill(5_000);
  const server = await startApiServer(cluster.options, systemClock);
  await server.close();
  await expect(server.ready).resolves.toBeUndefined();
});

test('a store that is no database is said, and the server is never ready', async () => {
  const database = join(cluster.dataDir, 'store.sqlite');
  writeFileSync(database, 'no database '.repeat(1_000));
  const server = await startApiServer(cluster.options, systemClock);
  await expect(server.ready).rejects.toThrow('file is not a database');
  await server.close();
});
