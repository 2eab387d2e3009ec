import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { configMap, pod } from '../testing/objects.ts';
import { startTestApi, type Answer, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.end();
});

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const merge = { 'content-type': 'application/merge-patch+json' };

async function make(path: string, body: KubeObject): Promise<KubeObject> {
  const { status, object } = await api.call('POST', path, { body });
  expect(status).toBe(201);
  return object;
}

const remove = async (path: string, body?: object): Promise<Answer> =>
  await api.call('DELETE', path, { ...(body && { body }) });
const endOf = (metadata: KubeObject['metadata']): number => Date.parse(metadata.deletionTimestamp ?? '');
const exists = async (path: string): Promise<boolean> => (await api.call('GET', path)).status === 200;

test('a delete answers with success and the uid; another one with 404', async () => {
  const { metadata } = await make(maps, configMap('gone'));
  expect((await remove(`${maps}/gone`)).object).toMatchObject({
    status: 'Success',
    details: { name: 'gone', kind: 'configmaps', uid: metadata.uid },
  });
  expect((await remove(`${maps}/gone`)).object).toMatchObject({ code: 404, message: 'configmaps "gone" not found' });
});

test('a delete is meant for one version of an object when it says so', async () => {
  const { metadata } = await make(maps, configMap('meant'));
  expect((await remove(`${maps}/meant`, { preconditions: { uid: 'other' } })).status).toBe(409);
  expect((await remove(`${maps}/meant`, { preconditions: { resourceVersion: '1' } })).status).toBe(409);
  expect((await remove(`${maps}/meant`, { preconditions: { uid: metadata.uid } })).status).toBe(200);
});

test('an object with finalizers waits until the last one is taken away', async () => {
  await make(maps, { ...configMap('held'), metadata: { name: 'held', finalizers: ['a/b', 'c/d'] } });
  expect((await remove(`${maps}/held`)).object.metadata).toMatchObject({ deletionTimestamp: expect.any(String) });
  const release = async (finalizers: string[]) =>
    await api.call('PATCH', `${maps}/held`, { body: { metadata: { finalizers } }, headers: merge });
  expect((await release(['c/d'])).status).toBe(200);
  expect(await exists(`${maps}/held`)).toBe(true);
  expect((await release([])).status).toBe(200);
  expect(await exists(`${maps}/held`)).toBe(false);
});

test.each([
  ['Foreground', 'foregroundDeletion'],
  ['Orphan', 'orphan'],
])('a delete with policy %s waits for the garbage collector', async (propagationPolicy, finalizer) => {
  const name = propagationPolicy.toLowerCase();
  await make(maps, configMap(name));
  expect((await remove(`${maps}/${name}`, { propagationPolicy })).object.metadata).toMatchObject({
    finalizers: [finalizer],
  });
  expect((await remove(`${maps}/${name}`, { propagationPolicy: 'Background' })).status).toBe(200);
  expect(await exists(`${maps}/${name}`)).toBe(false);
});

test('a policy that does not exist is 422', async () => {
  await make(maps, configMap('policy'));
  expect((await remove(`${maps}/policy`, { propagationPolicy: 'Never' })).status).toBe(422);
  expect((await remove(`${maps}/policy?propagationPolicy=Never`)).status).toBe(422);
});

test('a pod that no node runs goes at once', async () => {
  await make(pods, pod('unscheduled'));
  expect((await remove(`${pods}/unscheduled`)).object).toMatchObject({ kind: 'Pod' });
  expect(await exists(`${pods}/unscheduled`)).toBe(false);
});

test('a pod on a node has its grace, which can be made shorter but not longer, and goes when its node says so', async () => {
  await make(pods, pod('running', { spec: { nodeName: 'n1', terminationGracePeriodSeconds: 20 } }));
  const first = (await remove(`${pods}/running`)).object.metadata;
  expect(first).toMatchObject({ deletionGracePeriodSeconds: 20 });
  expect((await remove(`${pods}/running`, { gracePeriodSeconds: 60 })).object.metadata).toMatchObject({
    deletionGracePeriodSeconds: 20,
  });
  const shorter = (await remove(`${pods}/running`, { gracePeriodSeconds: 5 })).object.metadata;
  expect(endOf(first) - endOf(shorter)).toBe(15_000);
  expect(await exists(`${pods}/running`)).toBe(true);
  expect((await remove(`${pods}/running`, { gracePeriodSeconds: 0 })).status).toBe(200);
  expect(await exists(`${pods}/running`)).toBe(false);
});

test('the shadow of a static pod goes at once', async () => {
  const annotations = { 'kubernetes.io/config.mirror': 'hash' };
  await make(pods, pod('mirror', { metadata: { annotations }, spec: { nodeName: 'n1' } }));
  await remove(`${pods}/mirror`);
  expect(await exists(`${pods}/mirror`)).toBe(false);
});

test('an eviction is a delete of the pod with its options', async () => {
  await make(pods, pod('evicted', { spec: { nodeName: 'n1' } }));
  const body = { metadata: { name: 'evicted' }, deleteOptions: { gracePeriodSeconds: 3 } };
  expect((await api.call('POST', `${pods}/evicted/eviction`, { body })).status).toBe(201);
  expect((await api.call('GET', `${pods}/evicted`)).object.metadata).toMatchObject({ deletionGracePeriodSeconds: 3 });
});

test('a collection is deleted as far as the selector goes', async () => {
  for (const name of ['del-a', 'del-b', 'keep-c']) {
    const labels = { group: name.split('-')[0] ?? '' };
    await make(maps, { ...configMap(name), metadata: { name, labels } });
  }
  const { status, object } = await remove(`${maps}?labelSelector=group%3Ddel`);
  expect(status).toBe(200);
  expect((object['items'] as KubeObject[]).map(({ metadata }) => metadata.name)).toEqual(['del-a', 'del-b']);
  expect(await exists(`${maps}/keep-c`)).toBe(true);
  expect((await remove('/api/v1/configmaps')).status).toBe(405);
});

test('a namespace that is deleted takes nothing new, and goes when it is finalized', async () => {
  await make('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving' } });
  const { object } = await remove('/api/v1/namespaces/leaving');
  expect(object).toMatchObject({ status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] } });
  const late = await api.call('POST', '/api/v1/namespaces/leaving/configmaps', {
    body: configMap('late', {}, 'leaving'),
  });
  expect(late.object).toMatchObject({ code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  // Its own finalizers cannot be taken away by an ordinary update.
  await api.call('PUT', '/api/v1/namespaces/leaving', { body: { ...object, spec: {} } });
  expect(await exists('/api/v1/namespaces/leaving')).toBe(true);
  const { object: now } = await api.call('GET', '/api/v1/namespaces/leaving');
  await api.call('PUT', '/api/v1/namespaces/leaving/finalize', { body: { ...now, spec: { finalizers: [] } } });
  expect(await exists('/api/v1/namespaces/leaving')).toBe(false);
});

test.each(['default', 'kube-system', 'kube-public'])('namespace %s cannot be deleted', async (name) => {
  expect((await remove(`/api/v1/namespaces/${name}`)).status).toBe(403);
});

test('a custom kind is served as soon as it is defined, and its objects go with it', async () => {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} } }],
    },
  };
  expect((await api.call('GET', '/apis/example.org/v1/things')).status).toBe(404);
  expect(await make(crds, definition)).toMatchObject({
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  });
  const path = '/apis/example.org/v1/namespaces/default/things';
  const thing = {
    apiVersion: 'example.org/v1',
    kind: 'Thing',
    metadata: { name: 't' },
    spec: { any: ['thing'] },
    status: { x: 1 },
  };
  const made = await make(path, thing);
  expect(made).not.toHaveProperty('status');
  expect((await api.call('PUT', `${path}/t`, { body: { ...thing, spec: {} } })).status).toBe(422);
  expect((await api.call('PUT', `${path}/t/status`, { body: { ...made, status: { x: 2 } } })).object).toMatchObject({
    status: { x: 2 },
  });
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  expect((await api.call('PATCH', `${path}/t`, { body: {}, headers: strategic })).status).toBe(415);
  await remove(`${crds}/things.example.org`);
  expect((await api.call('GET', path)).status).toBe(404);
  await make(crds, definition);
  expect((await api.call('GET', path)).object['items']).toEqual([]);
});

test.each([
  [{ group: 'apps' }, 'must be a domain that does not belong to the API server'],
  [{ group: 'x' }, 'must be a domain'],
  [{ scope: 'Universe' }, 'must be Namespaced or Cluster'],
  [{ versions: [] }, 'exactly one is supported'],
  [{ versions: [{ name: 'v1' }, { name: 'v2' }] }, 'exactly one is supported'],
  [{ names: {} }, 'plural and kind'],
])('a definition with %j is 422', async (wrong, message) => {
  const spec = {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural: 'wrongs', kind: 'Wrong' },
    versions: [{ name: 'v1', served: true, storage: true }],
    ...wrong,
  };
  const { status, object } = await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: { metadata: { name: `wrongs.${spec.group}` }, spec },
  });
  expect(status).toBe(422);
  expect(object['message']).toContain(message);
});
