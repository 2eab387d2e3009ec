import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { ObjectStore, type ChangeEvent } from './object-store.ts';

let folder: string;
let opened: ObjectStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-store-'));
  opened = [];
});
afterEach(() => {
  for (const store of opened) store.close();
  rmSync(folder, { recursive: true });
});

async function open(keptChanges = 1_000): Promise<ObjectStore> {
  const store = new ObjectStore(join(folder, 'store.sqlite'), keptChanges);
  opened.push(store);
  await store.load();
  return store;
}

function ref(name: string) {
  return { resource: 'configmaps', namespace: 'default', name };
}

function object(name: string, value = ''): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
}

function put(store: ObjectStore, name: string, value = ''): KubeObject | undefined {
  return store.write(ref(name), () => object(name, value)).object;
}

function names(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

test('every write gets the next revision, and the object carries it', async () => {
  const store = await open();
  expect(put(store, 'a')?.metadata.resourceVersion).toBe('1');
  expect(put(store, 'b')?.metadata.resourceVersion).toBe('2');
  expect(store.revision()).toBe(2);
});

test('a write that changes nothing writes nothing', async () => {
  const store = await open();
  put(store, 'a');
  store.write(ref('a'), (current) => current);
  store.write(ref('missing'), () => undefined);
  expect(store.revision()).toBe(1);
});

test('a write that throws leaves no trace', async () => {
  const store = await open();
  expect(() =>
    store.write(ref('a'), () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(store.find(ref('a'))).toBeUndefined();
  expect(put(store, 'b')?.metadata.resourceVersion).toBe('1');
});

test('lists are in the order of names and the same array until something changes', async () => {
  const store = await open();
  for (const name of ['c', 'a', 'b']) put(store, name);
  const list = store.list('configmaps');
  expect(names(list)).toEqual(['a', 'b', 'c']);
  expect(store.list('configmaps')).toBe(list);
  put(store, 'd');
  expect(store.list('configmaps')).not.toBe(list);
  expect(names(list)).toEqual(['a', 'b', 'c']);
});

test('the past can be listed as it was: created, changed and deleted objects', async () => {
  const store = await open();
  put(store, 'kept', 'old');
  put(store, 'gone');
  put(store, 'kept', 'new');
  store.write(ref('gone'), () => undefined);
  put(store, 'late');
  const past = store.listAt('configmaps', 2);
  expect(names(past)).toEqual(['gone', 'kept']);
  expect(past[1]?.['data']).toEqual({ value: 'old' });
  expect(names(store.listAt('configmaps', 5))).toEqual(['kept', 'late']);
});

test('what was thrown out of the log is 410, for watches and for lists', async () => {
  const store = await open(10);
  for (let count = 0; count < 40; count++) put(store, `n${count}`);
  expect(() => store.eventsSince('configmaps', 1)).toThrow('too old resource version: 1');
  expect(() => store.listAt('configmaps', 1)).toThrow('too old resource version: 1');
  expect(store.eventsSince('configmaps', 35).map(({ revision }) => revision)).toEqual([36, 37, 38, 39, 40]);
});

test('a new process has the objects and the changes that led to them', async () => {
  const first = await open();
  put(first, 'a', 'old');
  put(first, 'a', 'new');
  first.write(ref('a'), () => undefined);
  put(first, 'b');
  const second = await open();
  expect(names(second.list('configmaps'))).toEqual(['b']);
  const events = second.eventsSince('configmaps', 0);
  expect(events.map(({ type, object: { metadata } }) => `${type} ${metadata.name}`)).toEqual([
    'ADDED a',
    'MODIFIED a',
    'DELETED a',
    'ADDED b',
  ]);
  expect(events[1]?.previous?.['data']).toEqual({ value: 'old' });
  expect(put(second, 'c')?.metadata.resourceVersion).toBe('5');
});

test('two processes see each other, and neither overwrites what it has not seen', async () => {
  const [first, second] = [await open(), await open()];
  const seen: ChangeEvent[] = [];
  second.subscribe('configmaps', (event) => seen.push(event));
  put(first, 'a', 'one');
  second.write(ref('a'), (current) => {
    expect(current?.['data']).toEqual({ value: 'one' });
    return object('a', 'two');
  });
  first.sync();
  expect(first.find(ref('a'))?.['data']).toEqual({ value: 'two' });
  expect(seen.map((event) => `${event.type} ${event.revision}`)).toEqual(['ADDED 1', 'MODIFIED 2']);
});

test('a process that slept until the log went on without it says so, in a write too, and changes nothing', async () => {
  const [awake, asleep] = [await open(4), await open(4)];
  put(awake, 'first');
  asleep.sync();
  // Log entries are thrown out in batches of 256.
  for (let count = 0; count < 300; count++) put(awake, `n${count}`);
  expect(() => asleep.sync()).toThrow('Changes after revision 1 are gone');
  expect(() => put(asleep, 'mine')).toThrow('Changes after revision 1 are gone');
  expect(put(awake, 'next')?.metadata.resourceVersion).toBe('302');
});
