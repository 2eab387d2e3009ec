import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { configMap, deployment, pod } from '../testing/objects.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.end();
});

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const service = (name: string) => ({ metadata: { name }, spec: { ports: [{ port: 80 }] } });

async function make(path: string, body: KubeObject): Promise<KubeObject> {
  const { status, object } = await api.call('POST', path, { body });
  expect(status).toBe(201);
  return object;
}

test('what the server gives an object is not up to its author', async () => {
  const forged = {
    name: 'forged',
    uid: 'mine',
    generation: 9,
    creationTimestamp: null,
    deletionTimestamp: '2020-01-01T00:00:00Z',
  };
  const { metadata, status } = await make(deployments, {
    ...deployment('forged'),
    metadata: forged,
    status: { replicas: 7 },
  } as never);
  expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(metadata).toMatchObject({ generation: 1, namespace: 'default' });
  expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(metadata).not.toHaveProperty('deletionTimestamp');
  expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
  expect(status).toEqual({});
});

test('a name is made up from generateName, another one each time', async () => {
  const metadata = { generateName: 'made-' } as KubeObject['metadata'];
  const names = [await make(maps, { ...configMap(''), metadata }), await make(maps, { ...configMap(''), metadata })];
  for (const { metadata: made } of names) expect(made.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(names[0]?.metadata.name).not.toBe(names[1]?.metadata.name);
});

test('what is there already is 409; what goes into no namespace is 404; no name is 422', async () => {
  await make(maps, configMap('twice'));
  const again = await api.call('POST', maps, { body: configMap('twice') });
  expect(again.object).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "twice" already exists',
  });
  const nowhere = await api.call('POST', '/api/v1/namespaces/nowhere/configmaps', {
    body: configMap('a', {}, 'nowhere'),
  });
  expect(nowhere.object).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  const nameless = await api.call('POST', maps, { body: { kind: 'ConfigMap' } });
  expect(nameless.object).toMatchObject({
    code: 422,
    message: expect.stringContaining('name or generateName is required'),
  });
});

test.each([
  ['another kind', { ...configMap('x'), kind: 'Secret' }, 'does not match the expected API version'],
  ['another version', { ...configMap('x'), apiVersion: 'v2' }, 'does not match the expected API version'],
  ['another namespace', configMap('x', {}, 'other'), 'the namespace of the provided object does not match'],
  ['no object', [1], 'is not an object of kind ConfigMap'],
  ['a resourceVersion', { metadata: { name: 'x', resourceVersion: '1' } }, 'resourceVersion should not be set'],
])('a create with %s is 400', async (_what, body, message) => {
  const { status, object } = await api.call('POST', maps, { body });
  expect(status).toBe(400);
  expect(object['message']).toContain(message);
});

test('an update of an older version is 409, one of the current or of no version wins', async () => {
  const { metadata } = await make(maps, configMap('updated', { a: '1' }));
  const put = async (data: object, resourceVersion?: string) =>
    await api.call('PUT', `${maps}/updated`, {
      body: {
        ...configMap('updated'),
        metadata: { name: 'updated', ...(resourceVersion && { resourceVersion }) },
        data,
      },
    });
  const second = await put({ a: '2' }, metadata.resourceVersion);
  expect(second.status).toBe(200);
  expect(second.object.metadata.uid).toBe(metadata.uid);
  expect((await put({ a: '3' }, metadata.resourceVersion)).object).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "updated": the object has been modified; please apply your changes to the latest version and try again',
  });
  expect((await put({ a: '4' })).object['data']).toEqual({ a: '4' });
});

test('an update that changes nothing keeps the version', async () => {
  const { metadata } = await make(maps, configMap('same', { a: '1' }));
  const { object } = await api.call('PUT', `${maps}/same`, { body: configMap('same', { a: '1' }) });
  expect(object.metadata.resourceVersion).toBe(metadata.resourceVersion);
});

test('the generation counts changes of what is wanted, not labels and not the status', async () => {
  await make(deployments, deployment('counted'));
  const path = `${deployments}/counted`;
  const patch = async (body: object, sub = ''): Promise<KubeObject> =>
    (await api.call('PATCH', `${path}${sub}`, { body, headers: { 'content-type': 'application/merge-patch+json' } }))
      .object;
  expect((await patch({ metadata: { labels: { a: 'b' } } })).metadata.generation).toBe(1);
  expect((await patch({ status: { replicas: 1 } }, '/status')).metadata.generation).toBe(1);
  expect((await patch({ spec: { replicas: 3 } })).metadata.generation).toBe(2);
});

test('the status is written through its own way only, and the rest not through it', async () => {
  await make(deployments, deployment('split'));
  const path = `${deployments}/split`;
  const { object } = await api.call('GET', path);
  const changed = { ...object, spec: { ...(object['spec'] as object), replicas: 5 }, status: { replicas: 2 } };
  const status = await api.call('PUT', `${path}/status`, { body: changed });
  expect(status.object).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 2 } });
  const main = await api.call('PUT', path, {
    body: { ...changed, metadata: status.object.metadata, status: { replicas: 9 } },
  });
  expect(main.object).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 2 } });
});

test('the scale of a deployment is read, set and patched', async () => {
  await make(deployments, deployment('scaled'));
  const path = `${deployments}/scaled/scale`;
  const { object } = await api.call('GET', path);
  expect(object).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 1 },
    status: { replicas: 0 },
  });
  expect((await api.call('PUT', path, { body: { ...object, spec: { replicas: 4 } } })).object).toMatchObject({
    spec: { replicas: 4 },
  });
  expect((await api.call('PUT', path, { body: { ...object, spec: { replicas: 5 } } })).status).toBe(409);
  const patched = await api.call('PATCH', path, {
    body: { spec: { replicas: 0 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(patched.object).toMatchObject({ spec: { replicas: 0 } });
  expect((await api.call('GET', `${deployments}/scaled`)).object).toMatchObject({ spec: { replicas: 0 } });
  expect((await api.call('PUT', path, { body: { spec: { replicas: -1 } } })).status).toBe(422);
});

test.each([
  ['application/json-patch+json', [{ op: 'add', path: '/data/b', value: '2' }]],
  ['application/merge-patch+json', { data: { b: '2' } }],
  ['application/strategic-merge-patch+json', { data: { b: '2' } }],
])('a patch of type %s', async (type, body) => {
  await make(maps, configMap(`patched-${type.length}`, { a: '1' }));
  const path = `${maps}/patched-${type.length}`;
  const { status, object } = await api.call('PATCH', path, { body, headers: { 'content-type': type } });
  expect(status).toBe(200);
  expect(object['data']).toEqual({ a: '1', b: '2' });
});

test('a patch that makes no sense is refused, and of another type too', async () => {
  await make(maps, configMap('steady'));
  const patch = async (type: string, body: unknown) =>
    (await api.call('PATCH', `${maps}/steady`, { body, headers: { 'content-type': type } })).status;
  expect(await patch('application/json', {})).toBe(415);
  expect(await patch('application/merge-patch+json', { metadata: { name: 'other' } })).toBe(400);
  expect(await patch('application/merge-patch+json', { data: { a: 5 } })).toBe(400);
  expect(await patch('application/merge-patch+json', { metadata: { uid: 'other' } })).toBe(409);
  expect(await patch('application/json-patch+json', [{ op: 'remove', path: '/data/none' }])).toBe(422);
});

test('server-side apply creates, owns, conflicts and takes over', async () => {
  const apply = async (manager: string, value: string, force = false) =>
    await api.call('PATCH', `${maps}/applied?fieldManager=${manager}&force=${force}`, {
      body: configMap('applied', { a: value }),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
  expect((await apply('one', '1')).status).toBe(201);
  expect((await apply('one', '1')).status).toBe(200);
  const refused = await apply('two', '2');
  expect(refused.object).toMatchObject({
    code: 409,
    reason: 'Conflict',
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] },
  });
  expect((await apply('two', '2', true)).object['data']).toEqual({ a: '2' });
  const nobody = await api.call('PATCH', `${maps}/applied`, {
    body: configMap('applied'),
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
  expect(nobody.status).toBe(422);
});

test('who wrote which fields is written down, by the name that the client gives itself', async () => {
  const { object } = await api.call('POST', maps, {
    body: configMap('owned', { a: '1' }),
    headers: { 'user-agent': 'agent/1.0 (x)' },
  });
  expect(object.metadata.managedFields).toMatchObject([
    { manager: 'agent', operation: 'Update', fieldsV1: { 'f:data': { 'f:a': {} } } },
  ]);
});

test('a dry run is refused, so that nobody takes it for one', async () => {
  expect((await api.call('POST', `${maps}?dryRun=All`, { body: configMap('tried') })).status).toBe(400);
  await make(maps, configMap('kept'));
  expect((await api.call('DELETE', `${maps}/kept`, { body: { dryRun: ['All'] } })).status).toBe(400);
  expect((await api.call('GET', `${maps}/kept`)).status).toBe(200);
});

test('a pod is given to a node once', async () => {
  await make(pods, pod('bound'));
  const bind = async (name: string) =>
    await api.call('POST', `${pods}/bound/binding`, { body: { target: { kind: 'Node', name } } });
  expect((await bind('n1')).status).toBe(201);
  expect((await bind('n2')).object).toMatchObject({ code: 409 });
  expect((await api.call('GET', `${pods}/bound`)).object).toMatchObject({
    spec: { nodeName: 'n1' },
    status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
  });
});

test('services get addresses that nobody else has', async () => {
  const path = '/api/v1/namespaces/default/services';
  const made = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => await api.call('POST', path, { body: service(`s${index}`) })),
  );
  const addresses = made.map(({ object }) => (object['spec'] as { clusterIP: string }).clusterIP);
  expect(new Set(addresses).size).toBe(20);
  const replaced = await api.call('PUT', `${path}/s0`, { body: { ...service('s0'), spec: { ports: [{ port: 81 }] } } });
  expect(replaced.object).toMatchObject({ spec: { clusterIP: addresses[0], ports: [{ port: 81 }] } });
});
