import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openTestClient, type TestClient } from '../../stage/api/testing/test-api.ts';
import { clusterCorefile, service } from '../../stage/dns/contract/cluster-objects.ts';
import { ask, until } from '../../stage/dns/contract/dns-client.ts';
import { environmentOf, freeAddress } from '../../stage/dns/contract/server-under-test.ts';
import { createPki, type KeyPair } from '../../stage/pki/pki.ts';
import { administrator } from './api-server.ts';
import { images, startContainer } from './containers.ts';
import { startOurProcess } from './our-process.ts';

const host = '127.0.0.1';
const secrets = '/var/run/secrets/kubernetes.io/serviceaccount';

test('the real CoreDNS works with our API server, and through an outage of it', async (context) => {
  context.skip(inject('withoutReal') !== '', inject('withoutReal'));
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-contract-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ca = await createPki(join(folder, 'pki'), { apiAddress: host, serviceAddress: '10.96.0.1' });
  let api = await startOurProcess(folder);
  onTestFinished(async () => await api.end());
  const { port } = new URL(api.url);
  const client = await openAdministrator(api.url, ca);
  await create(client, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await create(client, '/api/v1/namespaces/shop/services', service('web', '10.96.0.20'));

  await grant(client);

  const address = freeAddress();
  const dns = await startContainer({
    image: images.coreDns,
    command: ['-conf', '/Corefile'],
    owner: inject('owner'),
    files: {
      '/Corefile': clusterCorefile('192.0.2.1').replace('endpoint {$API}', ''),
      [`${secrets}/token`]: await tokenOf(client, 'shop', 'coredns'),
      [`${secrets}/ca.crt`]: ca.cert,
    },
    env: { ...environmentOf(address), KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port },
  });
  onTestFinished(dns.remove);
  const answersOf = async (name: string): Promise<readonly string[]> =>
    (await ask(address, `${name}.shop.svc.cluster.local`)).data;
  const untilKnown = async (name: string, ip: string): Promise<unknown> =>
    await until(
      name,
      async () => await answersOf(name),
      ([first]) => first === ip,
      50_000,
    );
  await untilKnown('web', '10.96.0.20');

  await api.end();
  client.close();
  for (let count = 0; count < 10; count++) expect(await answersOf('web')).toEqual(['10.96.0.20']);
  api = await startOurProcess(folder, port);
  const again = await openAdministrator(api.url, ca);
  await create(again, '/api/v1/namespaces/shop/services', service('fresh', '10.96.0.30'));
  await untilKnown('fresh', '10.96.0.30');
  again.close();
});

async function openAdministrator(url: string, ca: KeyPair): Promise<TestClient> {
  return openTestClient(url, ca.cert, await administrator(ca));
}

async function create(client: TestClient, path: string, body: object): Promise<Record<string, unknown>> {
  const { status, object, text } = await client.call('POST', path, { body });
  expect(status, text).toBe(201);
  return object;
}

/** What kubeadm lets CoreDNS see. */
async function grant(client: TestClient): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1';
  const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'system:coredns' } };
  const rules = [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ];
  await create(client, `${path}/clusterroles`, { ...head, kind: 'ClusterRole', rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' };
  const subjects = [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'shop' }];
  await create(client, `${path}/clusterrolebindings`, { ...head, kind: 'ClusterRoleBinding', roleRef, subjects });
}

async function tokenOf(client: TestClient, namespace: string, name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await create(client, accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await create(client, `${accounts}/${name}/token`, request);
  return (status as { token: string }).token;
}
