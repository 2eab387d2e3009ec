import { describe, expect, inject, test } from 'vitest';
import { configMap, deployment, namesIn, openScope, pod, type Answer } from './api-scope.ts';

/** How objects go, and what holds them. */
describe.each(inject('apiServers'))('$name: deletes', (server) => {
  const { namespace, maps, pods, deployments, create, call, patch } = openScope(server, 'contract-delete');
  const remove = async (path: string, body?: object): Promise<Answer> =>
    await call('DELETE', path, { ...(body && { body }) });
  const exists = async (path: string): Promise<boolean> => (await call('GET', path)).status === 200;
  const options = { apiVersion: 'v1', kind: 'DeleteOptions' };

  test('answer with success and the uid of what is gone', async () => {
    const { metadata } = await create(maps, configMap('gone'));
    const { status, object } = await remove(`${maps}/gone`);
    expect([status, object]).toEqual([
      200,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'gone', kind: 'configmaps', uid: metadata.uid },
      },
    ]);
    expect((await remove(`${maps}/gone`)).status).toBe(404);
  });

  test('can be meant for one object and one version of it', async () => {
    const { metadata } = await create(maps, configMap('meant'));
    const other = await remove(`${maps}/meant`, { ...options, preconditions: { uid: 'other' } });
    expect([other.status, other.object['reason']]).toEqual([409, 'Conflict']);
    expect((await remove(`${maps}/meant`, { ...options, preconditions: { resourceVersion: '1' } })).status).toBe(409);
    expect((await remove(`${maps}/meant`, { ...options, preconditions: { uid: metadata.uid } })).status).toBe(200);
  });

  test('wait for finalizers, the last of which lets the object go', async () => {
    await create(maps, configMap('held', { metadata: { finalizers: ['a.b/c', 'a.b/d'] } }));
    const { status, object } = await remove(`${maps}/held`);
    expect(status).toBe(200);
    expect(object.metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      deletionGracePeriodSeconds: 0,
      finalizers: ['a.b/c', 'a.b/d'],
    });
    await patch('merge', `${maps}/held`, { metadata: { finalizers: ['a.b/d'] } });
    expect(await exists(`${maps}/held`)).toBe(true);
    await patch('merge', `${maps}/held`, { metadata: { finalizers: [] } });
    expect(await exists(`${maps}/held`)).toBe(false);
  });

  test('are told once: the time of the first one stays', async () => {
    await create(maps, configMap('twice', { metadata: { finalizers: ['a.b/c'] } }));
    const first = (await remove(`${maps}/twice`)).object.metadata;
    const second = (await remove(`${maps}/twice`)).object.metadata;
    expect(second).toEqual(first);
    await patch('merge', `${maps}/twice`, { metadata: { finalizers: null } });
  });

  test.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ])('with policy %s leave it to the garbage collector', async (propagationPolicy, finalizer) => {
    const name = propagationPolicy.toLowerCase();
    await create(deployments, deployment(name));
    const { object } = await remove(`${deployments}/${name}`, { ...options, propagationPolicy });
    expect(object.metadata).toMatchObject({ finalizers: [finalizer], deletionTimestamp: expect.any(String) });
    await remove(`${deployments}/${name}`, { ...options, propagationPolicy: 'Background' });
    expect(await exists(`${deployments}/${name}`)).toBe(false);
  });

  test('with policy Background go at once, however it is told', async () => {
    await create(deployments, deployment('background'));
    expect((await remove(`${deployments}/background?propagationPolicy=Background`)).status).toBe(200);
    expect(await exists(`${deployments}/background`)).toBe(false);
  });

  test('with a policy that is none are refused', async () => {
    await create(maps, configMap('policy'));
    const { status, object } = await remove(`${maps}/policy`, { ...options, propagationPolicy: 'Never' });
    expect([status, object['reason']]).toEqual([422, 'Invalid']);
    expect(object['message']).toContain('supported values: "Foreground", "Background", "Orphan"');
  });

  test('of a pod that no node runs are done at once', async () => {
    await create(pods, pod('unscheduled'));
    const { object } = await remove(`${pods}/unscheduled`);
    expect(object).toMatchObject({ kind: 'Pod', metadata: { name: 'unscheduled' } });
    expect(await exists(`${pods}/unscheduled`)).toBe(false);
  });

  test('of a running pod give it its grace, which can be made shorter', async () => {
    await create(pods, pod('running', { spec: { nodeName: 'n', terminationGracePeriodSeconds: 20 } }));
    const first = (await remove(`${pods}/running`)).object.metadata;
    expect(first).toMatchObject({ deletionGracePeriodSeconds: 20, deletionTimestamp: expect.any(String) });
    const longer = (await remove(`${pods}/running`, { ...options, gracePeriodSeconds: 60 })).object.metadata;
    expect(longer).toMatchObject({ deletionGracePeriodSeconds: 20 });
    const shorter = (await remove(`${pods}/running`, { ...options, gracePeriodSeconds: 5 })).object.metadata;
    expect(shorter).toMatchObject({ deletionGracePeriodSeconds: 5 });
    expect(Date.parse(first.deletionTimestamp ?? '')).toBeGreaterThan(Date.parse(shorter.deletionTimestamp ?? ''));
    expect((await remove(`${pods}/running`, { ...options, gracePeriodSeconds: 0 })).status).toBe(200);
    expect(await exists(`${pods}/running`)).toBe(false);
  });

  test('of the mirror of a static pod are done at once', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    await create(pods, pod('mirror', { metadata: { annotations }, spec: { nodeName: 'n' } }));
    await remove(`${pods}/mirror`, { ...options, gracePeriodSeconds: 0 });
    expect(await exists(`${pods}/mirror`)).toBe(false);
  });

  test('of a collection go as far as the selectors do, and tell what is gone', async () => {
    for (const [name, set] of [
      ['del-a', 'del'],
      ['del-b', 'del'],
      ['keep', 'keep'],
    ] as const) {
      await create(maps, configMap(name, { metadata: { labels: { set } } }));
    }
    const gone = await remove(`${maps}?labelSelector=set%3Ddel`);
    expect([gone.status, gone.object['kind']]).toEqual([200, 'ConfigMapList']);
    expect(namesIn(gone)).toEqual(['del-a', 'del-b']);
    expect(namesIn(await call('GET', `${maps}?labelSelector=set`))).toEqual(['keep']);
  });

  test('of a namespace let it end: nothing new is taken, and it goes when it is finalized', async () => {
    const name = `${namespace}-leaving`;
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const { object } = await remove(`/api/v1/namespaces/${name}`);
    expect(object).toMatchObject({ status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] } });
    const late = await call('POST', `/api/v1/namespaces/${name}/configmaps`, { body: configMap('late') });
    expect(late.object).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
    const { object: now } = await call('GET', `/api/v1/namespaces/${name}`);
    await call('PUT', `/api/v1/namespaces/${name}/finalize`, { body: { ...now, spec: { finalizers: [] } } });
    expect(await exists(`/api/v1/namespaces/${name}`)).toBe(false);
  });

  test('of a namespace that every cluster has are forbidden', async () => {
    for (const name of ['default', 'kube-system', 'kube-public']) {
      const { object } = await remove(`/api/v1/namespaces/${name}`);
      expect(object).toMatchObject({
        code: 403,
        message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      });
    }
  });
});
