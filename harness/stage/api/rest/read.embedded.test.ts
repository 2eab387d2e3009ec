import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { configMap, pod } from '../testing/objects.ts';
import { startTestApi, type Answer, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
const maps = '/api/v1/namespaces/lists/configmaps';
const allNames = Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, '0')}`);
beforeAll(async () => {
  api = await startTestApi();
  await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'lists' } } });
  for (const [index, name] of allNames.toReversed().entries()) {
    const labels = { parity: index % 2 === 0 ? 'even' : 'odd' };
    await api.call('POST', maps, { body: { ...configMap(name, {}, 'lists'), metadata: { name, labels } } });
  }
});
afterAll(async () => {
  await api.end();
});

interface Page {
  readonly names: string[];
  readonly next: string | undefined;
  readonly revision: string;
  readonly remaining: number | undefined;
}

function pageOf({ status, object }: Answer): Page {
  expect(status).toBe(200);
  const metadata = object.metadata as unknown as {
    resourceVersion: string;
    continue?: string;
    remainingItemCount?: number;
  };
  return {
    names: (object['items'] as KubeObject[]).map((item) => item.metadata.name),
    next: metadata.continue,
    revision: metadata.resourceVersion,
    remaining: metadata.remainingItemCount,
  };
}

const list = async (query: string): Promise<Page> => pageOf(await api.call('GET', `${maps}?${query}`));

test('a list is in the order of names and says its revision', async () => {
  const { object } = await api.call('GET', maps);
  expect(object).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
  expect((await list('')).names).toEqual(allNames);
});

test('an empty list is a list', async () => {
  const { object } = await api.call('GET', '/api/v1/namespaces/none/pods');
  expect(object).toMatchObject({ kind: 'PodList', items: [] });
});

test('selectors choose, in one namespace and in all', async () => {
  expect((await list('labelSelector=parity%3Dodd')).names).toHaveLength(6);
  expect((await list('fieldSelector=metadata.name%3Dm03')).names).toEqual(['m03']);
  const everywhere = await api.call('GET', '/api/v1/configmaps?labelSelector=parity');
  expect(pageOf(everywhere).names).toEqual(allNames);
  expect((await api.call('GET', `${maps}?labelSelector=a%20b`)).status).toBe(400);
  expect((await api.call('GET', `${maps}?fieldSelector=spec.x%3D1`)).status).toBe(400);
});

test('pages hold together although objects are written and deleted between them', async () => {
  const first = await list('limit=5');
  expect(first).toMatchObject({ names: allNames.slice(0, 5), remaining: 7 });
  await api.call('POST', maps, { body: configMap('m05-new', {}, 'lists') });
  await api.call('DELETE', `${maps}/m06`);
  const second = await list(`limit=5&continue=${first.next}`);
  expect(second).toMatchObject({ names: allNames.slice(5, 10), remaining: 2, revision: first.revision });
  const third = await list(`limit=5&continue=${second.next}`);
  expect(third).toMatchObject({ names: allNames.slice(10), next: undefined });
  await api.call('DELETE', `${maps}/m05-new`);
  await api.call('POST', maps, { body: configMap('m06', {}, 'lists') });
});

test('a page of what a selector chose has as many as were asked for', async () => {
  const first = await list('limit=2&labelSelector=parity%3Deven');
  expect(first.names).toHaveLength(2);
  expect(first.remaining).toBeUndefined();
  expect((await list(`limit=2&labelSelector=parity%3Deven&continue=${first.next}`)).names).toHaveLength(2);
});

test('from the cache (resourceVersion=0) everything comes, whatever the limit', async () => {
  expect((await list('limit=5&resourceVersion=0')).names).toHaveLength(12);
});

test('the state at an exact revision, not older than one, and from the future', async () => {
  const before = await list('');
  await api.call('POST', maps, { body: configMap('zz', {}, 'lists') });
  const exact = await list(`resourceVersion=${before.revision}&resourceVersionMatch=Exact`);
  expect(exact).toMatchObject({ names: before.names, revision: before.revision });
  expect((await list(`resourceVersion=${before.revision}&resourceVersionMatch=NotOlderThan`)).names).toContain('zz');
  const { object } = await api.call('GET', `${maps}?resourceVersion=999999`);
  expect(object).toMatchObject({
    code: 504,
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
  });
  await api.call('DELETE', `${maps}/zz`);
});

test('kubectl get is given a table', async () => {
  await api.call('POST', '/api/v1/namespaces/default/pods', { body: pod('tabled') });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const { object } = await api.call('GET', '/api/v1/namespaces/default/pods', { headers: { accept } });
  expect(object).toMatchObject({
    kind: 'Table',
    metadata: { resourceVersion: expect.any(String) },
    rows: [{ cells: expect.arrayContaining(['tabled']), object: { kind: 'PartialObjectMetadata' } }],
  });
  const one = await api.call('GET', '/api/v1/namespaces/default/pods/tabled?includeObject=None', {
    headers: { accept },
  });
  expect(one.object).toMatchObject({ kind: 'Table', rows: [{ cells: expect.arrayContaining(['tabled']) }] });
  const odd = await api.call('GET', '/api/v1/pods?includeObject=Some', { headers: { accept } });
  expect(odd.status).toBe(400);
});

test.each([
  ['GET', '/api/v1/nonsense', 404],
  ['GET', '/apis/apps/v2/deployments', 404],
  ['GET', '/api/v1/namespaces/default/nodes', 404],
  ['GET', '/api/v1/namespaces/default/pods/p/exec', 404],
  ['GET', '/api/v1/namespaces/default/pods/missing', 404],
  ['GET', '/nonsense', 404],
  ['POST', '/api/v1/pods', 405],
  ['PUT', '/api/v1/namespaces/default/pods', 405],
  ['PATCH', '/api/v1/namespaces/default/pods', 405],
  ['HEAD', '/api/v1/pods', 405],
  ['OPTIONS', '/api/v1/pods', 405],
  ['POST', '/version', 405],
  ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405],
])('%s %s is %i', async (method, path, code) => {
  expect((await api.call(method, path)).status).toBe(code);
});

test('what is asked for in protobuf alone is 406', async () => {
  const headers = { accept: 'application/vnd.kubernetes.protobuf' };
  expect((await api.call('GET', '/api/v1/pods', { headers })).status).toBe(406);
});

test('discovery tells the same in both of its forms', async () => {
  const asGroups = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { object, headers } = await api.call('GET', '/apis', { headers: { accept: asGroups } });
  expect(headers['content-type']).toBe(asGroups);
  const groups = object['items'] as {
    metadata: { name: string };
    versions: { version: string; resources: { resource: string }[] }[];
  }[];
  expect(groups.length).toBeGreaterThan(5);
  for (const { metadata, versions } of groups) {
    for (const { version, resources } of versions) {
      const plain = await api.call('GET', `/apis/${metadata.name}/${version}`);
      const names = (plain.object['resources'] as { name: string }[]).map(({ name }) => name);
      expect(names.filter((name) => !name.includes('/'))).toEqual(resources.map(({ resource }) => resource));
    }
  }
  expect((await api.call('GET', '/apis')).object).toMatchObject({ kind: 'APIGroupList' });
  expect((await api.call('GET', '/api')).object).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  expect((await api.call('GET', '/apis/apps')).object).toMatchObject({
    kind: 'APIGroup',
    preferredVersion: { version: 'v1' },
  });
});

test('metrics count requests and objects', async () => {
  const { text } = await api.call('GET', '/metrics');
  expect(text).toMatch(/apiserver_request_total\{[^}]*resource="configmaps"[^}]*verb="LIST"[^}]*code="200"[^}]*\} \d+/);
  expect(text).toMatch(/apiserver_storage_objects\{resource="namespaces"\} 5/);
});

test('version and OpenAPI are there', async () => {
  expect((await api.call('GET', '/version')).object).toMatchObject({ gitVersion: 'v1.34.0', major: '1', minor: '34' });
  expect((await api.call('GET', '/openapi/v3')).status).toBe(404);
  const proto = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
  expect((await api.call('GET', '/openapi/v2')).headers['content-type']).toBe(proto);
});
