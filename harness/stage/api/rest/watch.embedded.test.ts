import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WatchEvent } from '../../client/types.ts';
import { configMap } from '../testing/objects.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ keptChanges: 400 });
});
afterAll(async () => {
  await api.end();
});

let namespaces = 0;
/** A namespace of its own for each test; gives the path of its ConfigMaps. */
async function ownMaps(): Promise<string> {
  const name = `watch-${++namespaces}`;
  await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  return `/api/v1/namespaces/${name}/configmaps`;
}

const put = async (maps: string, name: string, labels: Record<string, string> = {}) =>
  await api.call('POST', maps, { body: { metadata: { name, labels } } });
const patch = async (maps: string, name: string, body: object) =>
  await api.call('PATCH', `${maps}/${name}`, { body, headers: { 'content-type': 'application/merge-patch+json' } });
const revisionOf = async (maps: string): Promise<string | undefined> =>
  (await api.call('GET', maps)).object.metadata.resourceVersion;

/** The first `count` events of a watch. */
async function events(path: string, count: number, then?: () => Promise<unknown>): Promise<WatchEvent[]> {
  const end = new AbortController();
  const seen: WatchEvent[] = [];
  const watching = api.watch(path, end.signal);
  const first = watching.next();
  await then?.();
  for (let next = await first; !next.done; next = await watching.next()) {
    seen.push(next.value);
    if (seen.length === count) break;
  }
  end.abort();
  return seen;
}

const short = (all: readonly WatchEvent[]): string[] =>
  all.map(({ type, object }) => `${type} ${object.metadata.name}`);

test('a watch from a revision sees what came after it, in order', async () => {
  const maps = await ownMaps();
  await put(maps, 'before');
  const revision = await revisionOf(maps);
  await put(maps, 'a');
  await patch(maps, 'a', { data: { x: '1' } });
  const seen = await events(`${maps}?watch=true&resourceVersion=${revision}`, 4, async () => {
    await put(maps, 'b');
    await api.call('DELETE', `${maps}/a`);
  });
  expect(short(seen)).toEqual(['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']);
  const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(revisions).toEqual(revisions.toSorted((x, y) => x - y));
});

test.each(['', '&resourceVersion=0'])('a watch without a revision (%j) begins with what is there', async (query) => {
  const maps = await ownMaps();
  await put(maps, 'a');
  await put(maps, 'b');
  const seen = await events(`${maps}?watch=true${query}`, 3, async () => await put(maps, 'c'));
  expect(short(seen)).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
});

test('the end of what was there is marked for who asks for it', async () => {
  const maps = await ownMaps();
  await put(maps, 'a');
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const [added, bookmark] = await events(`${maps}?${query}`, 2);
  expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
  expect(bookmark).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
  expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThan(0);
});

test('to a watch with a selector, objects appear and disappear as they come to match and stop', async () => {
  const maps = await ownMaps();
  const revision = await revisionOf(maps);
  await put(maps, 'a', { on: 'no' });
  await patch(maps, 'a', { metadata: { labels: { on: 'yes' } } });
  await patch(maps, 'a', { data: { x: '1' } });
  await patch(maps, 'a', { metadata: { labels: { on: 'no' } } });
  await api.call('DELETE', `${maps}/a`);
  await put(maps, 'b', { on: 'yes' });
  const seen = await events(`${maps}?watch=true&resourceVersion=${revision}&labelSelector=on%3Dyes`, 4);
  expect(short(seen)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
  expect(seen[2]?.object.metadata.labels).toEqual({ on: 'yes' });
});

test('a watch of one object hears of no other; a read of it by its name is none', async () => {
  const maps = await ownMaps();
  const seen = await events(`${maps}?watch=true&fieldSelector=metadata.name%3Db`, 1, async () => {
    await put(maps, 'a');
    await put(maps, 'b');
  });
  expect(short(seen)).toEqual(['ADDED b']);
  expect((await api.call('GET', `${maps}/b?watch=true`)).object).toMatchObject({ kind: 'ConfigMap' });
});

test('a watch ends when its time is over', async () => {
  const maps = await ownMaps();
  const seen: WatchEvent[] = [];
  for await (const event of api.watch(`${maps}?watch=true&timeoutSeconds=1`, new AbortController().signal))
    seen.push(event);
  expect(seen).toEqual([]);
});

test('a revision that is too old is said in the watch itself: 410', async () => {
  const maps = await ownMaps();
  // More changes than are kept; other kinds count too.
  await put(maps, 'busy');
  for (let round = 0; round < 600; round += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => await patch(maps, 'busy', { data: { x: `${round + index}` } })),
    );
  }
  const [error] = await events(`${maps}?watch=true&resourceVersion=1`, 1);
  expect(error).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  const exact = await api.call('GET', `${maps}?resourceVersion=1&resourceVersionMatch=Exact`);
  expect(exact.status).toBe(410);
});

test('who does not read is dropped, and nobody waits for him', async () => {
  const maps = await ownMaps();
  const { cert, key } = api.cluster.admin;
  const slow = httpsRequest(`${api.server.url}${maps}?watch=true`, {
    ca: api.cluster.ca.cert,
    cert,
    key,
    agent: false,
  });
  slow.end();
  const [answer] = (await once(slow, 'response')) as [IncomingMessage];
  answer.pause();
  const dropped = once(slow, 'close');
  slow.on('error', () => undefined);
  answer.on('error', () => undefined);
  const big = 'x'.repeat(100_000);
  await api.call('POST', maps, { body: configMap('big', { big }, maps.split('/')[4] ?? '') });
  // Socket buffers take up to ten MB, then 32 MB may wait.
  for (let count = 0; count < 450; count++) await patch(maps, 'big', { data: { count: `${count}` } });
  answer.resume();
  await dropped;
  expect(answer.complete).toBe(false);
  expect((await api.call('GET', '/readyz')).status).toBe(200);
});

const openWatches = async (): Promise<number> => {
  const { text } = await api.call('GET', '/metrics');
  const lines = text
    .split('\n')
    .filter((line) => /^apiserver_longrunning_requests\{.*resource="configmaps"/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};

test('metrics count watches while they last', async () => {
  const maps = await ownMaps();
  const before = await openWatches();
  let during = 0;
  await events(`${maps}?watch=true`, 1, async () => {
    await put(maps, 'a');
    during = await openWatches();
  });
  expect(during).toBe(before + 1);
});
