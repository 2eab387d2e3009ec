import { beforeAll, describe, expect, inject, test } from 'vitest';
import { configMap, deployment, openScope, pod } from './api-scope.ts';

/** What is said to requests that cannot be done: Status objects, in the real server's words. */
describe.each(inject('apiServers'))('$name: refusals', (server) => {
  const api = openScope(server, 'contract-errors');
  const { namespace, maps, pods, deployments, call, create } = api;
  const failure = { kind: 'Status', apiVersion: 'v1', status: 'Failure' };

  beforeAll(async () => void (await create(maps, configMap('taken'))));

  test('name the object that is not there', async () => {
    const missing = await call('GET', `${maps}/none`);
    expect(missing.status).toBe(404);
    expect(missing.object).toEqual({
      ...failure,
      metadata: {},
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
      details: { name: 'none', kind: 'configmaps' },
    });
    const grouped = await call('GET', `${deployments}/none`);
    expect(grouped.object).toMatchObject({
      message: 'deployments.apps "none" not found',
      details: { name: 'none', group: 'apps', kind: 'deployments' },
    });
    expect((await call('PUT', `${maps}/none`, { body: configMap('none') })).status).toBe(404);
    expect((await call('DELETE', `${maps}/none`)).status).toBe(404);
  });

  test('name a namespace that is not there', async () => {
    const { object } = await call('POST', '/api/v1/namespaces/nowhere/configmaps', { body: configMap('x') });
    expect(object).toMatchObject({ ...failure, code: 404, message: 'namespaces "nowhere" not found' });
  });

  test('say that a name is taken', async () => {
    const { status, object } = await call('POST', maps, { body: configMap('taken') });
    expect(status).toBe(409);
    expect(object).toMatchObject({
      ...failure,
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "taken" already exists',
      details: { name: 'taken', kind: 'configmaps' },
    });
  });

  test('say that the object was changed since it was read', async () => {
    const stale = (await call('GET', `${maps}/taken`)).object;
    expect((await call('PUT', `${maps}/taken`, { body: { ...stale, data: { a: '1' } } })).status).toBe(200);
    const { status, object } = await call('PUT', `${maps}/taken`, { body: { ...stale, data: { a: '2' } } });
    expect(status).toBe(409);
    expect(object).toMatchObject({
      ...failure,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "taken": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'taken', kind: 'configmaps' },
    });
  });

  test('say that another object has the name now', async () => {
    const other = configMap('taken', { metadata: { uid: '00000000-0000-4000-8000-000000000000' } });
    const { status, object } = await call('PUT', `${maps}/taken`, { body: other });
    expect([status, object['reason']]).toEqual([409, 'Conflict']);
  });

  test.each([
    ['a name with capitals', 'metadata.name', configMap('Bad_Name')],
    ['no name at all', 'metadata.name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
    ['a label that is none', 'metadata.labels', configMap('x', { metadata: { labels: { 'a b': 'c' } } })],
    ['the value of a label', 'metadata.labels', configMap('x', { metadata: { labels: { a: '-' } } })],
  ])('say 422 and the field for %s', async (_what, field, body) => {
    const { status, object } = await call('POST', maps, { body });
    expect(status).toBe(422);
    expect(object).toMatchObject({ ...failure, code: 422, reason: 'Invalid', details: { kind: 'ConfigMap' } });
    expect(causesOf(object)).toEqual([field]);
  });

  test('say what is wrong with a pod and with a deployment, everything at once', async () => {
    const containers = [{ name: 'Main', image: '' }];
    const wrongPod = await call('POST', pods, { body: pod('x', { spec: { containers } }) });
    expect([wrongPod.status, causesOf(wrongPod.object)]).toEqual([
      422,
      ['spec.containers[0].image', 'spec.containers[0].name'],
    ]);
    const none = await call('POST', pods, { body: pod('x', { spec: { containers: [] } }) });
    expect([none.status, causesOf(none.object)]).toEqual([422, ['spec.containers']]);
    const selector = { matchLabels: { app: 'other' } };
    const wrong = await call('POST', deployments, { body: deployment('x', { selector, replicas: -1 }) });
    expect([wrong.status, causesOf(wrong.object)]).toEqual([422, ['spec.replicas', 'spec.template.metadata.labels']]);
  });

  test('say what cannot be changed', async () => {
    const made = await create(deployments, deployment('fixed'));
    const labels = { app: 'other' };
    const spec = { ...(made['spec'] as object), selector: { matchLabels: labels }, template: templateOf(labels) };
    const changed = await call('PUT', `${deployments}/fixed`, { body: { ...made, spec } });
    expect([changed.status, causesOf(changed.object)]).toEqual([422, ['spec.selector']]);
    const running = await create(pods, pod('fixed'));
    const renamed = await call('PUT', `${pods}/fixed`, {
      body: { ...running, spec: { ...(running['spec'] as object), hostname: 'h' } },
    });
    expect([renamed.status, causesOf(renamed.object)]).toEqual([422, ['spec']]);
  });

  test.each([
    ['bad JSON', '{'],
    ['no object', '[]'],
    ['an object of another kind', pod('x')],
    ['an object of another version', { ...configMap('x'), apiVersion: 'v2' }],
    ['a field of the wrong type', { ...configMap('x'), data: { a: 5 } }],
    ['nothing', ''],
  ])('say 400 to %s', async (_what, body) => {
    const { status, object } = await call('POST', maps, { body });
    expect([status, object['reason'], object['code']]).toEqual([400, 'BadRequest', 400]);
  });

  test('say 400 to a name that is not the one of the path', async () => {
    const { object } = await call('PUT', `${maps}/taken`, { body: configMap('other') });
    expect(object).toMatchObject({
      code: 400,
      message: 'the name of the object (other) does not match the name on the URL (taken)',
    });
  });

  test('say 415 to a body and to a patch of a type that is not known', async () => {
    for (const method of ['POST', 'PATCH']) {
      const path = method === 'POST' ? maps : `${maps}/taken`;
      const { status, object } = await call(method, path, { body: 'a: b', headers: { 'content-type': 'text/plain' } });
      expect([method, status, object['reason']]).toEqual([method, 415, 'UnsupportedMediaType']);
    }
  });

  test('say 413 to a body of more than 3 MB', async () => {
    const { status } = await call('POST', maps, { body: configMap('x', { data: { a: 'x'.repeat(3 * 1024 * 1024) } }) });
    expect(status).toBe(413);
  });

  test('say 406 when the answer is wanted as something that is not spoken', async () => {
    const { status } = await call('GET', maps, { headers: { accept: 'text/html' } });
    expect(status).toBe(406);
  });

  test.each([
    ['POST', '/api/v1/configmaps', 405],
    ['PUT', `/api/v1/namespaces/${namespace}/configmaps`, 405],
    ['PATCH', `/api/v1/namespaces/${namespace}/configmaps`, 405],
    ['POST', `/api/v1/namespaces/${namespace}/configmaps/taken`, 405],
    ['DELETE', '/api/v1/configmaps', 405],
    ['DELETE', '/api/v1/namespaces?labelSelector=none%3Dsuch', 405],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405],
    ['GET', '/api/v1/nonsense', 404],
    ['GET', `/api/v1/namespaces/${namespace}/nonsense`, 404],
    ['GET', `/api/v1/namespaces/${namespace}/nodes`, 404],
    ['GET', `/api/v1/namespaces/${namespace}/configmaps/taken/status`, 404],
    ['GET', '/apis/apps/v2/deployments', 404],
  ])('answer %s %s with %i', async (method, path, code) => {
    const { status, object } = await call(method, path, { body: configMap('taken') });
    expect([status, object['kind'], object['code']]).toEqual([code, 'Status', code]);
  });
});

function templateOf(labels: object): object {
  return { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'node:24' }] } };
}

/** The fields that a Status blames. */
function causesOf(status: object): string[] {
  const { details } = status as { details?: { causes?: { field: string }[] } };
  return (details?.causes ?? []).map(({ field }) => field).toSorted();
}
