import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keyOf } from '../client/object-store.ts';
import { StatusError } from '../client/status-error.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import { MirrorPods } from './mirror-pods.ts';
import type { Pod } from './pod.ts';
import { staticPod } from './static-pod-source.ts';
import { fakeClock, useFakeClock } from './testing/fake-clock.ts';

const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: { name: api }\nspec: { containers: [{ name: a, image: node }] }';
const pod = staticPod(manifest, 'n1');
const newer = staticPod(`${manifest}\n`, 'n1');
const create = 'create pods default/api-n1';
const remove = 'delete pods default/api-n1';

let calls: string[];
/** What a write is answered with. */
let answer: () => Promise<void>;
let objects: Map<string, KubeObject>;
let statics: Pod[];
let isSynced: boolean;
let mirrors: MirrorPods;

beforeEach(() => {
  useFakeClock();
  calls = [];
  answer = async () => {};
  objects = new Map();
  statics = [pod];
  isSynced = true;
  const client: Pick<StageClient, 'create' | 'delete'> = {
    create: async ({ plural }, object) => {
      calls.push(`create ${plural} ${keyOf(object)}`);
      await answer();
      return object;
    },
    delete: async ({ plural }, { namespace, name }) => {
      calls.push(`delete ${plural} ${namespace}/${name}`);
      await answer();
    },
  };
  const { signal } = new AbortController();
  const known = (): typeof objects | undefined => (isSynced ? objects : undefined);
  mirrors = new MirrorPods({ client: client as StageClient, clock: fakeClock, signal }, known, () => statics);
});

afterEach(() => void vi.useRealTimers());

const pass = async (ms: number): Promise<unknown> => await vi.advanceTimersByTimeAsync(ms);

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
  await pass(60_000);
  expect(calls).toEqual([]);
  isSynced = true;
  mirrors.reconcile();
  await pass(0);
  expect(calls).toEqual([create]);
  seen(mirrorOf(pod));
  await pass(60_000);
  expect(calls).toEqual([create]);
  expect(mirrors.mirrorOf(pod)).toBeDefined();
  expect(mirrors.mirrorOf(newer)).toBeUndefined();
});

test('it is tried again while the API is away', async () => {
  answer = async () => await Promise.reject(new StatusError('refused'));
  mirrors.reconcile();
  await pass(5_000);
  answer = async () => {};
  await pass(10_000);
  const tries = calls.length;
  expect(tries).toBeGreaterThan(2);
  await pass(60_000);
  expect(calls).toHaveLength(tries);
});

test('a mirror that somebody deleted comes back after 90 s', async () => {
  seen(mirrorOf(pod));
  gone(mirrorOf(pod));
  await pass(89_999);
  expect(calls).toEqual([]);
  await pass(1);
  expect(calls).toEqual([create]);
});

test('renewed, it comes back at once', async () => {
  seen(mirrorOf(pod));
  gone(mirrorOf(pod));
  mirrors.renew();
  await pass(0);
  expect(calls).toEqual([create]);
});

test("somebody's graceful delete is completed, and the mirror comes back after 90 s", async () => {
  seen(mirrorOf(pod, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  await pass(0);
  expect(calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await pass(89_999);
  expect(calls).toEqual([remove]);
  await pass(1);
  expect(calls).toEqual([remove, create]);
});

test('the mirror of an older manifest is replaced at once', async () => {
  seen(mirrorOf(pod));
  statics = [newer];
  mirrors.reconcile();
  await pass(0);
  expect(calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await pass(0);
  expect(calls).toEqual([remove, create]);
});

test('the mirror of a pod that went away is deleted; other pods are not touched', async () => {
  statics = [];
  objects.set('default/web', { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'web' } });
  seen(mirrorOf(pod));
  await pass(0);
  expect(calls).toEqual([remove]);
  gone(mirrorOf(pod));
  await pass(120_000);
  expect(calls).toEqual([remove]);
});

test('one that is there already is no problem', async () => {
  answer = async () => await Promise.reject(new StatusError('exists', { code: 409, reason: 'AlreadyExists' }));
  mirrors.reconcile();
  await pass(60_000);
  expect(calls).toEqual([create]);
});
