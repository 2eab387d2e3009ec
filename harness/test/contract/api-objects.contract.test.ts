import { describe, expect, inject, test } from 'vitest';
import { configMap, deployment, openScope, pod } from './api-scope.ts';

/** Objects as they are written and read, and what is said to requests that cannot be done. */
describe.each(inject('apiServers'))('$name: objects', (server) => {
  const api = openScope(server, 'contract-objects');
  const { namespace, maps, pods, deployments, call, create } = api;

  test('get a uid, a resourceVersion and a time when they are created, and are read as they were written', async () => {
    const made = await create(maps, configMap('made', { data: { a: 'b' }, metadata: { labels: { l: 'v' } } }));
    expect(made).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'made',
        namespace,
        labels: { l: 'v' },
        uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      data: { a: 'b' },
    });
    expect((await call('GET', `${maps}/made`)).object).toEqual(made);
  });

  test('have the namespace of the path, and none that says otherwise', async () => {
    const other = configMap('elsewhere', { metadata: { namespace: 'default' } });
    expect((await call('POST', maps, { body: other })).object).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    });
  });

  test('with generateName get a name of their own', async () => {
    const names = new Set<string>();
    for (let count = 0; count < 3; count++) {
      const { metadata } = await create(maps, { ...configMap('x'), metadata: { generateName: 'made-' } });
      expect(metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
      names.add(metadata.name);
    }
    expect(names.size).toBe(3);
  });

  test('are replaced by an update, with a new resourceVersion', async () => {
    const before = await create(maps, configMap('updated', { data: { a: '1', b: '2' } }));
    const { status, object } = await call('PUT', `${maps}/updated`, { body: { ...before, data: { c: '3' } } });
    expect(status).toBe(200);
    expect(object['data']).toEqual({ c: '3' });
    expect(object.metadata.uid).toBe(before.metadata.uid);
    expect(Number(object.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });

  test('keep their resourceVersion when an update changes nothing', async () => {
    const before = await create(maps, configMap('same', { data: { a: '1' } }));
    const { object } = await call('PUT', `${maps}/same`, { body: before });
    expect(object.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  test('are updated without a look at their version when the update names none', async () => {
    await create(maps, configMap('unconditional'));
    const { status, object } = await call('PUT', `${maps}/unconditional`, {
      body: configMap('unconditional', { data: { a: '2' } }),
    });
    expect([status, object['data']]).toEqual([200, { a: '2' }]);
  });

  test('keep status and spec apart: what an author writes as status is dropped, and their generation counts specs', async () => {
    const made = await create(deployments, { ...deployment('apart'), status: { replicas: 7 } });
    expect(made['status']).toEqual({});
    expect(made.metadata).toMatchObject({ generation: 1 });
    const spec = { ...(made['spec'] as object), replicas: 3 };
    const changed = await call('PUT', `${deployments}/apart`, { body: { ...made, spec, status: { replicas: 7 } } });
    expect(changed.object).toMatchObject({ metadata: { generation: 2 }, status: {} });
    const labeled = { ...changed.object, metadata: { ...changed.object.metadata, labels: { a: 'b' } } };
    expect((await call('PUT', `${deployments}/apart`, { body: labeled })).object.metadata).toMatchObject({
      generation: 2,
    });
  });

  test('get their defaults', async () => {
    expect(await create(deployments, deployment('defaults'))).toMatchObject({
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: { spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30 } },
      },
    });
    expect(await create(pods, pod('defaults'))).toMatchObject({
      spec: { restartPolicy: 'Always', schedulerName: 'default-scheduler', serviceAccountName: 'default' },
      status: { phase: 'Pending' },
    });
  });

  test('of a Service get an address of the range', async () => {
    const path = `/api/v1/namespaces/${namespace}/services`;
    const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
    const made = await create(path, body);
    expect(made['spec']).toMatchObject({
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^10\.96\.0\.\d+$/),
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
  });
});
