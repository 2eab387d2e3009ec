import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { TestClient } from '../../stage/api/testing/test-api.ts';
import { configMap, openClient, openScope, pod } from './api-scope.ts';

const apiGroup = 'rbac.authorization.k8s.io';
const rbac = `/apis/${apiGroup}/v1`;
const reviews = '/apis/authorization.k8s.io/v1';
/** The real server hears of a role or a binding by a watch. */
const soon = { timeout: 10_000, interval: 20 };

async function becomes(client: TestClient, path: string, status: number): Promise<void> {
  await expect.poll(async () => (await client.call('GET', path)).status, soon).toBe(status);
}

/** Who may do what: RBAC. Every test has users of its own. */
describe.each(inject('apiServers'))('$name: authorization', (server) => {
  const { namespace, maps, pods, create, call, patch } = openScope(server, 'contract-authorization');
  const clients = new Map<string, TestClient>();
  beforeAll(async () => {
    await create(maps, configMap('one'));
    await create(maps, configMap('two'));
  });
  afterAll(() => {
    for (const client of clients.values()) client.close();
  });

  async function as(user: string, groups: readonly string[] = []): Promise<TestClient> {
    const client = clients.get(user) ?? (await openClient(server, user, groups));
    clients.set(user, client);
    return client;
  }

  const role = async (name: string, rules: object[], where = ''): Promise<unknown> => {
    const kind = where === '' ? 'ClusterRole' : 'Role';
    const path = where === '' ? `${rbac}/clusterroles` : `${rbac}/namespaces/${where}/roles`;
    return await create(path, { apiVersion: `${apiGroup}/v1`, kind, metadata: { name }, rules });
  };

  /** Binds the role of that name, to the user of that name where no others are given. */
  const bind = async (
    name: string,
    more: { subjects?: object[]; kind?: string; where?: string } = {},
  ): Promise<string> => {
    const { subjects = [{ apiGroup, kind: 'User', name }], kind = 'ClusterRole', where } = more;
    const path = where === undefined ? `${rbac}/clusterrolebindings` : `${rbac}/namespaces/${where}/rolebindings`;
    await create(path, {
      apiVersion: `${apiGroup}/v1`,
      kind: where === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind, name },
      subjects,
    });
    return `${path}/${name}`;
  };

  test('a cluster role that is bound to a user, a group or a service account lets them, and nobody else, do what it says', async () => {
    await role('contract-reader', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }]);
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } });
    const subjects = [
      { apiGroup, kind: 'User', name: 'contract-user' },
      { apiGroup, kind: 'Group', name: 'contract-team' },
      { kind: 'ServiceAccount', name: 'reader', namespace },
    ];
    const user = await as('contract-user');
    const refused = await user.call('GET', maps);
    expect(refused.status).toBe(403);
    expect(refused.object['message']).toBe(
      `configmaps is forbidden: User "contract-user" cannot list resource "configmaps" in API group "" in the namespace "${namespace}"`,
    );
    await bind('contract-reader', { subjects });
    await becomes(user, maps, 200);
    expect((await user.call('GET', '/api/v1/configmaps')).status).toBe(200);
    expect((await user.call('DELETE', `${maps}/one`)).status).toBe(403);
    expect((await user.call('GET', `${maps}?watch=true&timeoutSeconds=1`)).status).toBe(403);
    expect((await user.call('GET', pods)).status).toBe(403);
    expect((await (await as('contract-member', ['contract-team'])).call('GET', maps)).status).toBe(200);
    expect((await (await as('contract-stranger')).call('GET', maps)).status).toBe(403);
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await create(`${accounts}/reader/token`, request))['status'] as { token: string };
    const anybody = await openClient(server);
    clients.set('anybody', anybody);
    const headers = { authorization: `Bearer ${token}` };
    expect((await anybody.call('GET', maps, { headers })).status).toBe(200);
    expect((await anybody.call('GET', pods, { headers })).object['message']).toContain(
      `User "system:serviceaccount:${namespace}:reader" cannot list resource "pods"`,
    );
  });

  test('what is taken away is gone: the binding, a rule of the role, or the role', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    const client = await as('contract-leaver');
    await role('contract-leaver', rules);
    const binding = await bind('contract-leaver');
    await becomes(client, maps, 200);
    expect((await call('DELETE', binding)).status).toBe(200);
    await becomes(client, maps, 403);
    await bind('contract-leaver');
    await becomes(client, maps, 200);
    expect((await patch('merge', `${rbac}/clusterroles/contract-leaver`, { rules: [] })).status).toBe(200);
    await becomes(client, maps, 403);
    await patch('merge', `${rbac}/clusterroles/contract-leaver`, { rules });
    await becomes(client, maps, 200);
    expect((await call('DELETE', `${rbac}/clusterroles/contract-leaver`)).status).toBe(200);
    await becomes(client, maps, 403);
  });

  test('a binding in a namespace gives a role of it or a cluster role there only, the namespace itself among it', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps', 'namespaces'], verbs: ['get', 'list'] }];
    await role('contract-local', rules, namespace);
    await role('contract-wide', [...rules, { nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
    await bind('contract-local', { kind: 'Role', where: namespace });
    await bind('contract-wide', { where: namespace });
    for (const name of ['contract-local', 'contract-wide']) {
      const client = await as(name);
      await becomes(client, maps, 200);
      expect((await client.call('GET', `/api/v1/namespaces/${namespace}`)).status).toBe(200);
      for (const path of [
        '/api/v1/configmaps',
        '/api/v1/namespaces',
        '/api/v1/namespaces/default/configmaps',
        '/metrics',
      ]) {
        expect([path, (await client.call('GET', path)).status]).toEqual([path, 403]);
      }
      expect((await client.call('GET', '/api/v1/namespaces/default')).object['message']).toBe(
        `namespaces "default" is forbidden: User "${name}" cannot get resource "namespaces" in API group "" in the namespace "default"`,
      );
    }
  });

  test('a rule with names is for those, also for a list or a watch of one name', async () => {
    const verbs = ['get', 'list', 'watch', 'create'];
    await role('contract-named', [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs }]);
    await bind('contract-named');
    const client = await as('contract-named');
    await becomes(client, `${maps}/one`, 200);
    expect((await client.call('GET', `${maps}?fieldSelector=metadata.name%3Done`)).status).toBe(200);
    const watch = `${maps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Done`;
    expect((await client.call('GET', watch)).status).toBe(200);
    for (const path of [maps, `${maps}/two`, `${maps}?fieldSelector=metadata.name!%3Done`]) {
      expect([path, (await client.call('GET', path)).status]).toEqual([path, 403]);
    }
    // A new object's name is not in the path.
    expect((await client.call('POST', maps, { body: configMap('one') })).status).toBe(403);
    const two = await client.call('GET', `${maps}?fieldSelector=metadata.name%3Dtwo`);
    expect(two.object['message']).toMatch(/^configmaps "two" is forbidden: User "contract-named" cannot list /);
  });

  test('a subresource is a thing of its own', async () => {
    await create(pods, pod('logged'));
    await role('contract-log', [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }]);
    await role('contract-status', [{ apiGroups: ['*'], resources: ['*/status'], verbs: ['get'] }]);
    await role('contract-whole', [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }]);
    for (const name of ['contract-log', 'contract-status', 'contract-whole']) await bind(name);
    const statusOf = async (user: string, path: string): Promise<number> =>
      (await (await as(user)).call('GET', path)).status;
    await becomes(await as('contract-status'), `${pods}/logged/status`, 200);
    await becomes(await as('contract-whole'), `${pods}/logged`, 200);
    // Nobody runs it, so there is no log; but it may be asked for.
    await expect.poll(async () => await statusOf('contract-log', `${pods}/logged/log`), soon).not.toBe(403);
    expect(await statusOf('contract-log', `${pods}/logged`)).toBe(403);
    expect(await statusOf('contract-status', `${pods}/logged/log`)).toBe(403);
    const { object } = await (await as('contract-whole')).call('GET', `${pods}/logged/log`);
    expect(object['message']).toBe(
      `pods "logged" is forbidden: User "contract-whole" cannot get resource "pods/log" in API group "" in the namespace "${namespace}"`,
    );
  });

  test('a rule of paths is for those, and with a star for what begins so', async () => {
    await role('contract-paths', [{ nonResourceURLs: ['/metrics', '/livez/*'], verbs: ['get'] }]);
    await bind('contract-paths');
    const client = await as('contract-paths');
    await becomes(client, '/metrics', 200);
    expect((await client.call('GET', '/livez/ping')).status).toBe(200);
    expect((await client.call('GET', '/readyz/ping')).status).toBe(403);
    expect((await (await as('contract-stranger')).call('GET', '/livez/ping')).status).toBe(403);
  });

  test('somebody is told whether he may do something, and what he may do', async () => {
    await role('contract-asker', [
      { apiGroups: ['apps'], resources: ['deployments', 'deployments/scale'], verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['delete'] },
    ]);
    await bind('contract-asker', { where: namespace });
    const client = await as('contract-asker');
    const mayI = async (resourceAttributes: object): Promise<unknown> => {
      const spec = {
        resourceAttributes: { namespace, verb: 'patch', group: 'apps', resource: 'deployments', ...resourceAttributes },
      };
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
      const { object } = await client.call('POST', `${reviews}/selfsubjectaccessreviews`, { body });
      return (object['status'] as { allowed: boolean }).allowed;
    };
    await expect.poll(async () => await mayI({}), soon).toBe(true);
    expect(await mayI({ subresource: 'scale' })).toBe(true);
    expect(await mayI({ subresource: 'status' })).toBe(false);
    expect(await mayI({ namespace: 'default' })).toBe(false);
    expect(await mayI({ namespace: '' })).toBe(false);
    expect(await mayI({ verb: 'delete' })).toBe(false);
    expect(await mayI({ group: '' })).toBe(false);
    const named = { verb: 'delete', group: '', resource: 'configmaps' };
    expect([await mayI({ ...named, name: 'one' }), await mayI(named)]).toEqual([true, false]);
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
    const { status, object } = await client.call('POST', `${reviews}/selfsubjectrulesreviews`, { body });
    expect(status).toBe(201);
    expect(object['status']).toMatchObject({
      resourceRules: expect.arrayContaining([
        expect.objectContaining({ verbs: ['get', 'patch'], resources: ['deployments', 'deployments/scale'] }),
        expect.objectContaining({ resources: ['configmaps'], resourceNames: ['one'] }),
      ]),
      nonResourceRules: expect.arrayContaining([
        expect.objectContaining({ verbs: ['get'], nonResourceURLs: expect.arrayContaining(['/readyz', '/version']) }),
      ]),
    });
  });

  test('a binding needs a role that can be, and stays with it', async () => {
    const path = `${rbac}/clusterrolebindings`;
    const head = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'contract-bad' } };
    for (const roleRef of [
      { apiGroup, kind: 'Role', name: 'x' },
      { apiGroup, kind: 'ClusterRole', name: '' },
    ]) {
      expect((await call('POST', path, { body: { ...head, roleRef, subjects: [] } })).status).toBe(422);
    }
    await role('contract-fixed', []);
    const fixed = await bind('contract-fixed');
    const moved = await patch('merge', fixed, { roleRef: { name: 'cluster-admin' } });
    expect([moved.status, moved.object['reason']]).toEqual([422, 'Invalid']);
    const without = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata: { name: 'contract-no-verbs' } };
    const rules = [{ apiGroups: [''], resources: ['pods'] }];
    expect((await call('POST', `${rbac}/clusterroles`, { body: { ...without, rules } })).status).toBe(422);
  });

  test('has the roles of every cluster, and who has them', async () => {
    for (const name of ['cluster-admin', 'system:discovery', 'system:basic-user', 'system:public-info-viewer']) {
      const theirs = (await call('GET', `${rbac}/clusterrolebindings/${name}`)).object;
      expect(theirs).toMatchObject({
        metadata: { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
        roleRef: { kind: 'ClusterRole', name },
        subjects: expect.arrayContaining([expect.objectContaining({ apiGroup, kind: 'Group' })]),
      });
      const { object } = await call('GET', `${rbac}/clusterroles/${name}`);
      expect(object['rules']).toMatchObject(rulesOfEveryCluster[name] ?? []);
    }
  });
});

const rulesOfEveryCluster: Readonly<Record<string, object[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  'system:discovery': [{ nonResourceURLs: expect.arrayContaining(['/api', '/apis/*', '/openapi/*']), verbs: ['get'] }],
  'system:basic-user': [
    { resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
    { resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
};
