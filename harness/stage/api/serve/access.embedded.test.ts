import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { clientCertificate, createPki, type KeyPair } from '../../pki/pki.ts';
import { openTestClient, startTestApi, type TestApi, type TestClient } from '../testing/test-api.ts';
import { startApiServer } from './server.ts';

let api: TestApi;
const clients: TestClient[] = [];
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  for (const client of clients) client.close();
  await api.end();
});

function as(identity?: KeyPair): TestClient {
  const client = openTestClient(api.server.url, api.cluster.ca.cert, identity);
  clients.push(client);
  return client;
}

async function asUser(user: string, ...groups: string[]): Promise<TestClient> {
  return as(await clientCertificate(api.cluster.ca, { user, groups }));
}

async function statusWith(token: string): Promise<number> {
  return (await as().call('GET', '/api', bearer(token))).status;
}

async function flowUid(kind: string, name: string): Promise<string | undefined> {
  return (await api.call('GET', `/apis/flowcontrol.apiserver.k8s.io/v1/${kind}/${name}`)).object.metadata.uid;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

test('the name and the groups of a certificate are those of the user, also on a kept connection and a resumed session', async () => {
  const client = await asUser('eve', 'a', 'b');
  for (const connection of ['close', 'close', 'keep-alive', 'keep-alive']) {
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { status, object } = await client.call('POST', path, { body: {}, headers: { connection } });
    expect(status).toBe(201);
    expect(object['status']).toEqual({ userInfo: { username: 'eve', groups: ['a', 'b', 'system:authenticated'] } });
  }
});

test('a certificate of another authority is 401, as is a token that nobody issued', async () => {
  const other = await createPki(`${api.cluster.dataDir}/other`, {
    apiAddress: '127.0.0.1',
    serviceAddress: '127.0.0.1',
  });
  const forged = as(await clientCertificate(other, { user: 'kubernetes-admin', groups: ['system:masters'] }));
  const answers = [
    await forged.call('GET', '/api/v1/nodes'),
    await forged.call('GET', '/readyz'),
    await as().call('GET', '/api/v1/nodes', bearer('a.b.c')),
    await as().call('GET', '/api/v1/nodes', { headers: { authorization: 'Basic eDp5' } }),
  ];
  for (const { status, object } of answers) {
    expect(status).toBe(401);
    expect(object).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
  }
});

test('nobody in particular sees health and version, and 403 elsewhere', async () => {
  for (const path of ['/livez', '/readyz', '/healthz', '/version']) {
    expect((await as().call('GET', path)).status).toBe(200);
  }
  for (const path of ['/api', '/apis', '/metrics', '/api/v1/pods', '/openapi/v3']) {
    const { status, object } = await as().call('GET', path);
    expect(status).toBe(403);
    expect(object['message']).toContain('User "system:anonymous" cannot');
  }
});

test('who is known and has no role may look at discovery only', async () => {
  const client = await asUser('eve', 'nobodies');
  expect((await client.call('GET', '/api')).status).toBe(200);
  const { status, object } = await client.call('GET', '/api/v1/namespaces/default/pods');
  expect(status).toBe(403);
  expect(object).toMatchObject({
    message: 'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"',
  });
});

test('a binding that comes or goes through one server counts at another from the very next request on', async () => {
  const other = await startApiServer(api.cluster.options, systemClock);
  await other.ready;
  const reader = await clientCertificate(api.cluster.ca, { user: 'reader', groups: [] });
  const readers = [api.server, other].map(({ url }) => openTestClient(url, api.cluster.ca.cert, reader));
  const statuses = async (): Promise<number[]> =>
    await Promise.all(readers.map(async (client) => (await client.call('GET', '/api/v1/nodes')).status));
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  const body = {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: 'reader' }],
  };
  for (let round = 0; round < 5; round++) {
    expect(await statuses()).toEqual([403, 403]);
    expect((await api.call('POST', bindings, { body })).status).toBe(201);
    expect(await statuses()).toEqual([200, 200]);
    expect((await api.call('DELETE', `${bindings}/reader`)).status).toBe(200);
  }
  for (const client of readers) client.close();
  await other.close();
});

test('a token of a service account works until its account is gone', async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  expect((await api.call('POST', accounts, { body: { metadata: { name: 'me' } } })).status).toBe(201);
  const spec = { boundObjectRef: null, expirationSeconds: null };
  const { object } = await api.call('POST', `${accounts}/me/token`, { body: { spec } });
  const { token } = object['status'] as { token: string };
  expect(await statusWith(token)).toBe(200);
  await api.call('DELETE', `${accounts}/me`);
  expect(await statusWith(token)).toBe(401);
});

test('a token says who its account is, and lasts as long as it was asked for', async () => {
  const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';
  await api.call('POST', accounts, { body: { metadata: { name: 'agent' } } });
  const { status, object } = await api.call('POST', `${accounts}/agent/token`, {
    body: { spec: { expirationSeconds: 600 } },
  });
  expect(status).toBe(201);
  const { token } = object['status'] as { token: string };
  const who = await as().call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    body: {},
    ...bearer(token),
  });
  expect(who.object['status']).toMatchObject({
    userInfo: {
      username: 'system:serviceaccount:kube-system:agent',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    },
  });
  const short = await api.call('POST', `${accounts}/agent/token`, { body: { spec: { expirationSeconds: 5 } } });
  expect(short.status).toBe(422);
  expect((await api.call('POST', `${accounts}/nobody/token`, { body: {} })).status).toBe(404);
});

test('flow control says which level served a request, and exempts administrators of the first rank', async () => {
  const { headers } = await (await asUser('root', 'system:masters')).call('GET', '/api/v1/pods');
  expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await flowUid('flowschemas', 'exempt'));
  expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await flowUid('prioritylevelconfigurations', 'exempt'));
});

test('who does not speak TLS is not answered, and nobody else is harmed', async () => {
  const { hostname, port } = new URL(api.server.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  expect((await api.call('GET', '/readyz')).status).toBe(200);
});
