import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { startFakeApi, type FakeApi } from './fake-api.ts';
import { informer } from './informer.ts';
import { openClient } from './open-client.ts';
import { resources } from './resources.ts';
import { StatusError } from './status-error.ts';
import type { Informer, InformerChange, KubeObject, StageClient } from './types.ts';

let api: FakeApi;
let client: StageClient;
let changes: string[];
let waitsMs: number[];
let copy: Informer;

/** Waits are only counted, so that an outage is over at once. */
const clock = {
  ...systemClock,
  sleep: async (ms: number): Promise<void> => {
    waitsMs.push(ms);
    await new Promise((resolve) => setImmediate(resolve));
  },
};

beforeEach(async () => {
  api = await startFakeApi();
  client = openClient(api.client);
  changes = [];
  waitsMs = [];
});

afterEach(async () => {
  copy.stop();
  client.close();
  await api.stop();
});

function start(): Informer {
  return informer(client, resources.configMaps, {
    clock,
    random: { next: () => 0 },
    onChange: ({ type, object }: InformerChange) => changes.push(`${type} ${object.metadata.name}`),
  });
}

function put(name: string): KubeObject {
  return api.store.create('v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'x' } });
}

const seen = async (...expected: string[]): Promise<void> => {
  await vi.waitFor(() => expect(changes).toEqual(expected), { timeout: 10_000 });
};

test('the copy has the first list and follows every change', async () => {
  put('a');
  copy = start();
  expect(copy.hasSynced()).toBe(false);
  await copy.synced;
  expect([...copy.objects.keys()]).toEqual(['x/a']);
  const b = put('b');
  api.store.update('v1/configmaps', 'x/b', { ...b, data: { k: 'v' } });
  api.store.delete('v1/configmaps', 'x/a', {});
  await seen('added a', 'added b', 'modified b', 'deleted a');
  expect([...copy.objects.keys()]).toEqual(['x/b']);
});

test('after an outage the watch goes on where it was, and nothing is listed again', async () => {
  put('a');
  copy = start();
  await copy.synced;
  await api.stop();
  await vi.waitFor(() => expect(waitsMs.length).toBeGreaterThan(3), { timeout: 10_000 });
  put('b');
  await api.start();
  await seen('added a', 'added b');
  expect(waitsMs.slice(0, 4)).toEqual([800, 1_600, 3_200, 6_400]);
  expect(api.requests.filter((request) => !request.includes('watch=true'))).toHaveLength(1);
});

test('what was deleted while the history was lost is told as deleted, once', async () => {
  put('a');
  put('b');
  copy = start();
  await copy.synced;
  await api.stop();
  api.store.delete('v1/configmaps', 'x/a', {});
  put('c');
  api.store.forget();
  await api.start();
  await seen('added a', 'added b', 'deleted a', 'added c');
  expect(copy.hasSynced()).toBe(true);
  const lists = api.requests.filter((request) => !request.includes('watch=true'));
  expect(lists).toEqual(['GET /api/v1/configmaps?resourceVersion=0', 'GET /api/v1/configmaps']);
});

test('an API that refuses at first is asked again with growing waits', async () => {
  let refusals = 3;
  api.intercept = () => (refusals-- > 0 ? new StatusError('not yet', { code: 403, reason: 'Forbidden' }) : undefined);
  put('a');
  copy = start();
  await copy.synced;
  expect(waitsMs).toEqual([800, 1_600, 3_200]);
});

test('a listener that throws does not stop the copy', async () => {
  const problems: unknown[] = [];
  copy = informer(client, resources.configMaps, {
    clock,
    onChange: () => {
      throw new Error('mine');
    },
    onError: (problem) => problems.push(problem),
  });
  await copy.synced;
  put('a');
  put('b');
  await vi.waitFor(() => expect(problems).toHaveLength(2), { timeout: 10_000 });
  expect([...copy.objects.keys()]).toEqual(['x/a', 'x/b']);
});

test('stopped before its first list, it rejects', async () => {
  api.intercept = () => true;
  client.close();
  client = openClient({ ...api.client, timeoutMs: 50 });
  copy = start();
  copy.stop();
  await expect(copy.synced).rejects.toThrow('stopped before the first sync');
});
