import { describe, expect, inject, test } from 'vitest';
import { deployment, openScope, pod } from './api-scope.ts';

/** Ways in to one part of an object. */
describe.each(inject('apiServers'))('$name: subresources', (server) => {
  const { namespace, pods, deployments, create, call, patch } = openScope(server, 'contract-sub');

  test('status changes the status alone, and leaves the generation', async () => {
    const made = await create(deployments, deployment('status'));
    const body = {
      ...made,
      spec: { ...(made['spec'] as object), replicas: 9 },
      status: { observedGeneration: 1, replicas: 1 },
    };
    const { status, object } = await call('PUT', `${deployments}/status/status`, { body });
    expect(status).toBe(200);
    expect(object).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1 }, status: { replicas: 1 } });
    const patched = await patch('merge', `${deployments}/status/status`, {
      spec: { replicas: 9 },
      status: { readyReplicas: 1 },
    });
    expect(patched.object).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1, readyReplicas: 1 } });
    expect((await call('GET', `${deployments}/status/status`)).object).toEqual(patched.object);
    const stale = await call('PUT', `${deployments}/status/status`, { body });
    expect([stale.status, stale.object['reason']]).toEqual([409, 'Conflict']);
  });

  test('status of a pod merges conditions by their type', async () => {
    await create(pods, pod('conditions', { spec: { nodeName: 'n' } }));
    for (const [type, status] of [
      ['Ready', 'False'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
    ]) {
      await patch('strategic', `${pods}/conditions/status`, { status: { conditions: [{ type, status }] } });
    }
    const { object } = await call('GET', `${pods}/conditions`);
    const { conditions } = object['status'] as { conditions: { type: string; status: string }[] };
    expect(conditions.map(({ type, status }) => `${type}=${status}`).toSorted()).toEqual([
      'Initialized=True',
      'Ready=True',
    ]);
  });

  test('scale shows and sets the replicas', async () => {
    const made = await create(deployments, deployment('scale', { replicas: 2 }));
    const { status, object } = await call('GET', `${deployments}/scale/scale`);
    expect([status, object]).toMatchObject([
      200,
      {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: {
          name: 'scale',
          namespace,
          uid: made.metadata.uid,
          resourceVersion: made.metadata.resourceVersion,
          creationTimestamp: made.metadata.creationTimestamp,
        },
        spec: { replicas: 2 },
        status: { replicas: 0 },
      },
    ]);
    const put = await call('PUT', `${deployments}/scale/scale`, { body: { ...object, spec: { replicas: 4 } } });
    expect([put.status, put.object['spec']]).toEqual([200, { replicas: 4 }]);
    const patched = await patch('merge', `${deployments}/scale/scale`, { spec: { replicas: 0 } });
    expect([patched.status, patched.object['kind']]).toEqual([200, 'Scale']);
    const { object: after } = await call('GET', `${deployments}/scale`);
    expect(after).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 0 } });
    const stale = await call('PUT', `${deployments}/scale/scale`, { body: object });
    expect([stale.status, stale.object['reason']]).toEqual([409, 'Conflict']);
    const negative = await patch('merge', `${deployments}/scale/scale`, { spec: { replicas: -1 } });
    expect([negative.status, negative.object['reason']]).toEqual([422, 'Invalid']);
    expect((await call('GET', `${deployments}/none/scale`)).status).toBe(404);
  });

  test('binding puts a pod on a node, once', async () => {
    await create(pods, pod('bound'));
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'bound' },
      target: { kind: 'Node', name: 'n' },
    };
    const { status, object } = await call('POST', `${pods}/bound/binding`, { body });
    expect([status, object]).toMatchObject([201, { kind: 'Status', status: 'Success' }]);
    const bound = (await call('GET', `${pods}/bound`)).object;
    expect(bound['spec']).toMatchObject({ nodeName: 'n' });
    expect(bound['status']).toMatchObject({ conditions: [{ type: 'PodScheduled', status: 'True' }] });
    const again = await call('POST', `${pods}/bound/binding`, { body });
    expect([again.status, again.object['reason']]).toEqual([409, 'Conflict']);
  });

  test('eviction deletes the pod with its grace', async () => {
    await create(pods, pod('evicted', { spec: { nodeName: 'n' } }));
    await patch('merge', `${pods}/evicted/status`, { status: { phase: 'Running' } });
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'evicted' },
      deleteOptions: { gracePeriodSeconds: 3 },
    };
    const { status, object } = await call('POST', `${pods}/evicted/eviction`, { body });
    expect([status, object]).toMatchObject([201, { kind: 'Status', status: 'Success' }]);
    expect((await call('GET', `${pods}/evicted`)).object.metadata).toMatchObject({ deletionGracePeriodSeconds: 3 });
  });

  test('token of a service account is one that the server knows', async () => {
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
    const made = await create(`${accounts}/robot/token`, body);
    const { token, expirationTimestamp } = made['status'] as { token: string; expirationTimestamp: string };
    expect(Date.parse(expirationTimestamp)).toBeGreaterThan(Date.now());
    const [, claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: `system:serviceaccount:${namespace}:robot`,
      iss: 'https://kubernetes.default.svc.cluster.local',
      'kubernetes.io': { namespace, serviceaccount: { name: 'robot' } },
    });
    const short = await call('POST', `${accounts}/robot/token`, { body: { ...body, spec: { expirationSeconds: 5 } } });
    expect([short.status, short.object['reason']]).toEqual([422, 'Invalid']);
  });
});
