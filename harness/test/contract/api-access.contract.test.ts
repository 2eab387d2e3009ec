import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openClient, openScope } from './api-scope.ts';
import type { TestClient } from '../../stage/api/testing/test-api.ts';

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Who may come in, and what everybody may ask about himself. */
describe.each(inject('apiServers'))('$name: access', (server) => {
  const { namespace, maps, pods, create, call } = openScope(server, 'contract-access');
  let nobody: TestClient;
  let plain: TestClient;

  beforeAll(async () => {
    nobody = await openClient(server);
    plain = await openClient(server, 'plain-user', ['plain-group']);
  });
  afterAll(() => {
    nobody.close();
    plain.close();
  });

  test('a client without credentials is anonymous, and may look at the health alone', async () => {
    for (const path of ['/livez', '/readyz', '/healthz', '/version']) {
      expect([path, (await nobody.call('GET', path)).status]).toEqual([path, 200]);
    }
    const { status, object } = await nobody.call('GET', pods);
    expect(status).toBe(403);
    expect(object).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message: `pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "${namespace}"`,
      details: { kind: 'pods' },
    });
    const { object: other } = await nobody.call('GET', '/metrics');
    expect(other).toMatchObject({
      code: 403,
      message: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
    });
  });

  test('a token that is none is 401', async () => {
    const { status, object } = await nobody.call('GET', pods, { headers: { authorization: 'Bearer nonsense' } });
    expect([status, object]).toEqual([
      401,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      },
    ]);
  });

  test('somebody who is known, but nothing more, is told what is served and not what is in it', async () => {
    for (const path of ['/api', '/apis', '/api/v1', '/apis/apps/v1']) {
      expect([path, (await plain.call('GET', path)).status]).toEqual([path, 200]);
    }
    const { object } = await plain.call('DELETE', `${maps}/x`);
    expect(object).toMatchObject({
      code: 403,
      message: `configmaps "x" is forbidden: User "plain-user" cannot delete resource "configmaps" in API group "" in the namespace "${namespace}"`,
      details: { name: 'x', kind: 'configmaps' },
    });
    const cluster = await plain.call('GET', '/apis/apps/v1/deployments');
    expect(cluster.object['message']).toBe(
      'deployments.apps is forbidden: User "plain-user" cannot list resource "deployments" in API group "apps" at the cluster scope',
    );
  });

  test('a certificate says who one is, and in which groups', async () => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const { status, object } = await plain.call('POST', whoAmI, { body });
    expect(status).toBe(201);
    expect(object).toMatchObject({
      kind: 'SelfSubjectReview',
      status: { userInfo: { username: 'plain-user', groups: ['plain-group', 'system:authenticated'] } },
    });
    expect((await call('POST', whoAmI, { body })).object['status']).toMatchObject({
      userInfo: { username: 'contract-administrator', groups: ['system:masters', 'system:authenticated'] },
    });
  });

  test('a token of a service account says who one is', async () => {
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await create(`${accounts}/robot/token`, request))['status'] as { token: string };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const { object } = await nobody.call('POST', whoAmI, { body, headers: { authorization: `Bearer ${token}` } });
    expect(object['status']).toMatchObject({
      userInfo: {
        username: `system:serviceaccount:${namespace}:robot`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      },
    });
  });

  test('everybody who is known may ask what he may do', async () => {
    const ask = async (client: Pick<TestClient, 'call'>, spec: object): Promise<unknown> => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
      const { status, object } = await client.call('POST', reviews, { body });
      expect([status, object['spec']]).toEqual([201, spec]);
      return (object['status'] as { allowed: boolean }).allowed;
    };
    const deletePods = { resourceAttributes: { namespace, verb: 'delete', resource: 'pods' } };
    expect(await ask({ call }, deletePods)).toBe(true);
    expect(await ask(plain, deletePods)).toBe(false);
    expect(await ask(plain, { nonResourceAttributes: { path: '/livez', verb: 'get' } })).toBe(true);
    expect(await ask(plain, { nonResourceAttributes: { path: '/metrics', verb: 'get' } })).toBe(false);
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: deletePods };
    expect((await nobody.call('POST', reviews, { body })).status).toBe(403);
  });
});
