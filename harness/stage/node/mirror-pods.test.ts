import { beforeEach, expect, test } from 'vitest';
import { keyOf } from '../client/object-store.ts';
import { StatusError } from '../client/status-error.ts';
import type { KubeObject } from '../client/types.ts';
import { MirrorPods } from './mirror-pods.ts';
import type { Pod } from './pod.ts';
import { staticPod } from './static-pod-source.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { recordingClient, type RecordingClient } from './testing/recording-client.ts';

const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: { name: api }\nspec: { containers: [{ name: a, image: node }] }';
const pod = staticPod(manifest, 'n1');
const newer = staticPod(`${manifest}\n`, 'n1');
const create = 'create pods default/api-n1';
const remove = 'delete pods default/api-n1';

let client: RecordingClient;
let clock: ManualClock;
let objects: Map<string, KubeObject>;
let statics: Pod[];
let isSynced: boolean;
let mirrors: MirrorPods;

beforeEach(() => {
  client = recordingClient();
  clock = new ManualClock();
  objects = new Map();
  statics = [pod];
  isSynced = true;
  mirrors = new MirrorPods({
    client,
    clock,
    nodeName: 'n1',
    known: () => (isSynced ? objects : undefined),
    staticPods: () => statics,
    signal: new AbortController().signal,
  });
});

/** What the API has of a static pod. */
function mirrorOf(of: Pod, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { ...of, metadata: { ...of.metadata, uid: 'in-api', ...more } };
}

function seen(mirror: KubeObject): void {
  objects.set(keyOf(mirror), mirror);
  mirrors.reconcile();
}

function gone(mirror: KubeObject): void {
  objects.delete(keyOf(mirror));
  mirrors.onDeleted(mirror);
}

test('a missing mirror is written, when the pods of the node are known', async () => {
  isSynced = false;
  mirrors.reconcile();
  await clock.pass(60_000);
  expect(client.calls).toEqual([]);
  isSynced = true;
  mirrors.reconcile();
  await clock.pass(0);
  expect(client.calls).toEqual([create]);
  seen(mirrorOf(pod));
  await clock.pass(60_000);
  expect(client.calls).toEqual([create]);
  expect(mirrors.mirrorOf(pod)).toBeDefined();
  expect(mirrors.mirrorOf(newer)).toBeUndefined();
});

test('it is tried again while the API is away', async () => {
  client.answer = async () => await Promise.reject(new StatusError('refused'));
  mirrors.reconcile();
  await clock.pass(5_000);
  client.answer = async () => {};
  await clock.pass(10_000);
  const tries = client.calls.length;
  expect(tries).toBeGreaterThan(2);
  await clock.pass(60_000);
  expect(client.calls).toHaveLength(tries);
});

test('a mirror that somebody deleted comes back after 90 s', async () => {
  seen(mirrorOf(pod));
  gone(mirrorOf(pod));
  await clock.pass(89_999);
  expect(client.calls).toEqual([]);
  await clock.pass(1);
  expect(client.calls).toEqual([create]);
});

test('renewed, it comes back at once', async () => {
  seen(mirrorOf(pod));
  gone(mirrorOf(pod));
  mirrors.renew();
  await clock.pass(0);
  expect(client.calls).toEqual([create]);
});

test("somebody's graceful delete is completed, and the mirror comes back after 90 s", async () => {
  seen(mirrorOf(pod, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  await clock.pass(0);
  expect(client.calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await clock.pass(89_999);
  expect(client.calls).toEqual([remove]);
  await clock.pass(1);
  expect(client.calls).toEqual([remove, create]);
});

test('the mirror of an older manifest is replaced at once', async () => {
  seen(mirrorOf(pod));
  statics = [newer];
  mirrors.reconcile();
  await clock.pass(0);
  expect(client.calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await clock.pass(0);
  expect(client.calls).toEqual([remove, create]);
});

test('the mirror of a pod that went away is deleted; other pods are not touched', async () => {
  statics = [];
  objects.set('default/web', { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'web' } });
  seen(mirrorOf(pod));
  await clock.pass(0);
  expect(client.calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await clock.pass(120_000);
  expect(client.calls).toEqual([remove]);
});

test('one that is there already is no problem', async () => {
  client.answer = async () => await Promise.reject(new StatusError('exists', { code: 409, reason: 'AlreadyExists' }));
  mirrors.reconcile();
  await clock.pass(60_000);
  expect(client.calls).toEqual([create]);
});
