import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { KubeObject } from '../../stage/client/types.ts';
import type { TestClient } from '../../stage/api/testing/test-api.ts';
import { clientCertificate } from '../../stage/pki/pki.ts';
import { openClient, openScope, type Answer } from './api-scope.ts';

const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
const levels = `${group}/prioritylevelconfigurations`;
const schemas = `${group}/flowschemas`;
const user = 'contract-busy';
const name = 'contract-narrow';

/** API Priority and Fairness. */
describe.each(inject('apiServers'))('$name: flow control', (server) => {
  const { maps, create, call } = openScope(server, 'contract-flow');
  const uidOf = async (path: string): Promise<string | undefined> => (await call('GET', path)).object.metadata.uid;

  test.each([
    ['group system:masters', 'admin', 'system:masters', maps, 'exempt', 'exempt'],
    ['group kubeadm:cluster-admins', 'admin', 'kubeadm:cluster-admins', maps, 'global-default', 'global-default'],
    ['a node', 'system:node:n', 'system:nodes', maps, 'system', 'system-nodes'],
    ['a node about nodes', 'system:node:n', 'system:nodes', '/api/v1/nodes', 'node-high', 'system-node-high'],
    ['the scheduler', 'system:kube-scheduler', '', maps, 'workload-high', 'kube-scheduler'],
    [
      'a service account of the system',
      'system:serviceaccount:kube-system:x',
      'system:serviceaccounts',
      maps,
      'workload-high',
      'kube-system-service-accounts',
    ],
    [
      'any other service account',
      'system:serviceaccount:x:y',
      'system:serviceaccounts',
      maps,
      'workload-low',
      'service-accounts',
    ],
    ['anybody who asks for the health', 'somebody', '', '/readyz', 'exempt', 'probes'],
    ['anybody else, also when it is forbidden', 'somebody', '', maps, 'global-default', 'global-default'],
  ])('says by headers that %s', async (_who, somebody, inGroup, path, level, schema) => {
    const client = await openClient(server, somebody, inGroup === '' ? [] : [inGroup]);
    const answer = await client.call('GET', path);
    expect(uidsIn(answer)).toEqual([await uidOf(`${levels}/${level}`), await uidOf(`${schemas}/${schema}`)]);
    client.close();
  });

  test('says so of requests for what is not there, too', async () => {
    const missing = await call('GET', `${maps}/none`);
    expect(missing.status).toBe(404);
    expect(uidsIn(missing)).toEqual([await uidOf(`${levels}/exempt`), await uidOf(`${schemas}/exempt`)]);
  });

  test('has the levels and schemas of every cluster', async () => {
    const { object } = await call('GET', levels);
    const found = object['items'] as (KubeObject & { spec: { limited?: { nominalConcurrencyShares: number } } })[];
    const shares = Object.fromEntries(
      found.map(({ metadata, spec }) => [metadata.name, spec.limited?.nominalConcurrencyShares]),
    );
    expect(shares).toMatchObject({
      'catch-all': 5,
      exempt: undefined,
      'global-default': 20,
      'leader-election': 10,
      'node-high': 40,
      system: 30,
      'workload-high': 40,
      'workload-low': 100,
    });
    const { object: listed } = await call('GET', schemas);
    const precedences = Object.fromEntries(
      (listed['items'] as (KubeObject & { spec: { matchingPrecedence: number } })[]).map(({ metadata, spec }) => [
        metadata.name,
        spec.matchingPrecedence,
      ]),
    );
    expect(precedences).toMatchObject({
      exempt: 1,
      probes: 2,
      'system-nodes': 500,
      'global-default': 9900,
      'catch-all': 10000,
    });
  });

  describe('with a level of few seats that rejects', () => {
    const agent = new Agent({ ca: server.ca.cert, keepAlive: false });
    const held: ClientRequest[] = [];
    let busy: TestClient;

    beforeAll(async () => {
      await create(levels, {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'PriorityLevelConfiguration',
        metadata: { name },
        spec: {
          type: 'Limited',
          limited: {
            nominalConcurrencyShares: 1,
            lendablePercent: 0,
            borrowingLimitPercent: 0,
            limitResponse: { type: 'Reject' },
          },
        },
      });
      await create(schemas, {
        apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
        kind: 'FlowSchema',
        metadata: { name },
        spec: {
          priorityLevelConfiguration: { name },
          matchingPrecedence: 50,
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: user } }],
              resourceRules: [
                { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
              ],
            },
          ],
        },
      });
      await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'kubeadm:cluster-admins' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'kubeadm:cluster-admins' }],
      });
      busy = await openClient(server, user, ['kubeadm:cluster-admins']);
    });
    afterAll(() => {
      for (const one of held) one.destroy();
      busy.close();
      agent.destroy();
    });

    /** A request that has its seat, because its body does not come to an end. */
    const hold = async (): Promise<void> => {
      const identity = await clientCertificate(server.ca, { user, groups: ['kubeadm:cluster-admins'] });
      const headers = { 'content-type': 'application/json', 'content-length': '1000' };
      const sent = request(`${server.url}${maps}`, { method: 'POST', headers, agent, ...identity });
      sent.on('error', () => undefined);
      sent.on('response', (answer) => answer.resume());
      sent.flushHeaders();
      held.push(sent);
      await once(sent, 'socket');
    };

    test('counts requests of its user to it as soon as it is known', async () => {
      await expect.poll(async () => (await busy.call('GET', maps)).status, { timeout: 30_000 }).toBe(200);
      const wanted = [await uidOf(`${levels}/${name}`), await uidOf(`${schemas}/${name}`)];
      await expect.poll(async () => uidsIn(await busy.call('GET', maps)), { timeout: 30_000 }).toEqual(wanted);
    });

    test('says 429 and Retry-After when it is full, and lets others in', async () => {
      const uids = [await uidOf(`${levels}/${name}`), await uidOf(`${schemas}/${name}`)];
      for (let count = 0; count < 12; count++) await hold();
      await expect.poll(async () => (await busy.call('GET', maps)).status, { timeout: 30_000 }).toBe(429);
      const answer = await busy.call('GET', maps);
      expect(answer.status).toBe(429);
      // The real server lets clients wait longer the more it has turned away.
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(answer.text.toLowerCase()).toContain('too many requests');
      expect(uidsIn(answer)).toEqual(uids);
      expect((await call('GET', maps)).status).toBe(200);
    });

    test('lets its user in again when there are seats', async () => {
      for (const one of held) one.destroy();
      await expect.poll(async () => (await busy.call('GET', maps)).status, { timeout: 30_000 }).toBe(200);
    });
  });
});

function uidsIn({ headers }: Answer): unknown[] {
  return [headers['x-kubernetes-pf-prioritylevel-uid'], headers['x-kubernetes-pf-flowschema-uid']];
}
