import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFakeApi, type FakeApi } from './fake-api.ts';
import { openClient } from './open-client.ts';
import { resources } from './resources.ts';
import { StatusError } from './status-error.ts';
import type { KubeObject, StageClient, WatchEvent } from './types.ts';

let api: FakeApi;
let client: StageClient;

beforeEach(async () => {
  api = await startFakeApi();
  client = openClient(api.client);
});

afterEach(async () => {
  client.close();
  await api.stop();
});

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'x' },
  data,
});

test('an object is created, read, changed and deleted', async () => {
  const created = await client.create(resources.configMaps, configMap('a', { one: '1' }));
  expect(await client.get(resources.configMaps, 'x', 'a')).toEqual(created);
  const patched = await client.patch(
    resources.configMaps,
    { namespace: 'x', name: 'a' },
    { data: { one: null, two: '2' } },
  );
  expect(patched['data']).toEqual({ two: '2' });
  expect((await client.update(resources.configMaps, { ...patched, data: {} }))['data']).toEqual({});
  await client.delete(resources.configMaps, { namespace: 'x', name: 'a' });
  expect(await client.get(resources.configMaps, 'x', 'a')).toBeUndefined();
});

test('the items of a list say what they are', async () => {
  await client.create(resources.configMaps, configMap('a'));
  const { items, resourceVersion } = await client.list(resources.configMaps, { namespace: 'x' });
  expect(items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
  expect(resourceVersion).toBe(api.store.version);
});

test('a refusal has the code and the reason of the Status', async () => {
  const created = await client.create(resources.configMaps, configMap('a'));
  await client.update(resources.configMaps, { ...created, data: { now: 'newer' } });
  const stale = client.update(resources.configMaps, { ...created, data: { now: 'stale' } });
  await expect(stale).rejects.toMatchObject({ code: 409, reason: 'Conflict', message: /was modified/ });
});

test('"too many requests" says how long to wait', async () => {
  api.intercept = () => new StatusError('try later', { code: 429, reason: 'TooManyRequests', retryAfterS: 7 });
  await expect(client.list(resources.pods)).rejects.toMatchObject({ code: 429, retryAfterS: 7 });
});

test('deleting what is not there is no error, and a uid protects its namesake', async () => {
  await client.delete(resources.configMaps, { namespace: 'x', name: 'a' });
  await client.create(resources.configMaps, configMap('a'));
  await client.delete(resources.configMaps, { namespace: 'x', name: 'a' }, { uid: 'of-an-older-one' });
  expect(await client.get(resources.configMaps, 'x', 'a')).toBeDefined();
});

test('no answer is an error without a code: refused, hung', async () => {
  api.intercept = () => true;
  const impatient = openClient({ ...api.client, timeoutMs: 20 });
  await expect(impatient.list(resources.pods)).rejects.toMatchObject({ name: 'StatusError', code: undefined });
  await api.stop();
  await expect(client.list(resources.pods)).rejects.toMatchObject({ name: 'StatusError', code: undefined });
  await expect(
    client.watch(resources.pods, {
      resourceVersion: '1',
      signal: AbortSignal.timeout(5_000),
      onEvent: () => undefined,
    }),
  ).rejects.toMatchObject({ name: 'StatusError', code: undefined });
  await api.start();
});

test('a client outlives the API: the first call after a restart is answered', async () => {
  await client.list(resources.pods);
  await api.stop();
  await api.start();
  await expect(client.list(resources.pods)).resolves.toBeDefined();
});

test('a watch brings what comes after its resource version, until it is stopped', async () => {
  const { resourceVersion } = await client.list(resources.configMaps);
  await client.create(resources.configMaps, configMap('a'));
  const stop = new AbortController();
  const events: WatchEvent[] = [];
  const watch = client.watch(resources.configMaps, {
    resourceVersion,
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'DELETED') stop.abort();
    },
  });
  await client.delete(resources.configMaps, { namespace: 'x', name: 'a' });
  await watch;
  expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'DELETED a']);
});

test('a watch from before the history begins fails with 410', async () => {
  await client.create(resources.configMaps, configMap('a'));
  api.store.forget();
  const watch = client.watch(resources.configMaps, {
    resourceVersion: '1',
    signal: AbortSignal.timeout(5_000),
    onEvent: () => undefined,
  });
  await expect(watch).rejects.toMatchObject({ code: 410, reason: 'Expired' });
});
