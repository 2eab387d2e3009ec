import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { openDatabase } from '../store/database.ts';
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
  const database = openDatabase(join(cluster.dataDir, 'store.sqlite'), 10);
  database.exclusive(true, () => {
    for (let revision = 1; revision <= count; revision++) {
      const name = `n${revision}`;
      const object = configMap(name);
      const value = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
      database.write({
        resource: 'configmaps',
        namespace: 'default',
        name,
        revision,
        deleted: false,
        value,
        previous: null,
      });
    }
  });
  database.close();
}

test('a server that starts listens at once, is not ready until its caches are filled, and refuses what would need them', async () => {
  fill(20_000);
  const server = await startApiServer(cluster.options, systemClock);
  const client = openTestClient(server.url, cluster.ca.cert, cluster.admin);
  const codes: number[] = [];
  const lists: number[] = [];
  const refusals: unknown[] = [];
  while (codes.at(-1) !== 200) {
    codes.push((await client.call('GET', '/readyz')).status);
    const list = await client.call('GET', '/api/v1/namespaces/default/configmaps?limit=1');
    lists.push(list.status);
    if (list.status === 429) refusals.push([list.headers['retry-after'], list.object['message']]);
  }
  // Before it knows whom to let in it says 403.
  expect([...new Set(codes)].filter((code) => code !== 403)).toEqual([500, 200]);
  expect([...new Set(lists)].filter((code) => code !== 403)).toEqual([429, 200]);
  expect(new Set(refusals.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(['1', 'storage is (re)initializing'])]),
  );
  client.close();
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
