import { expect, test } from 'vitest';
import { readRequestInfo } from '../request/request-info.ts';
import { authorize, denied, type User } from './authenticate.ts';

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const stranger: User = { name: 'eve', groups: ['nobodies', 'system:authenticated'] };
const member = (group: string): User => ({ name: 'x', groups: [group, 'system:authenticated'] });
const may = (user: User, method: string, path: string): boolean => authorize(user, readRequestInfo(method, path));

test.each(['system:masters', 'kubeadm:cluster-admins', 'system:nodes', 'system:serviceaccounts'])(
  'members of %s may do everything',
  (group) => {
    expect(may(member(group), 'DELETE', '/api/v1/nodes/n')).toBe(true);
    expect(may(member(group), 'GET', '/metrics')).toBe(true);
  },
);

test.each(['/healthz', '/livez', '/readyz', '/readyz/etcd', '/version'])('anybody may look at %s', (path) => {
  expect(may(anonymous, 'GET', path)).toBe(true);
  expect(may(anonymous, 'POST', path)).toBe(false);
});

test.each(['/', '/api', '/apis', '/api/v1', '/metrics', '/openapi/v2', '/healthzz', '/versions', '/api/v1/pods'])(
  'nobody without a name may look at %s',
  (path) => {
    expect(may(anonymous, 'GET', path)).toBe(false);
  },
);

test('who is known but in no trusted group may ask what is served and what he may do, and nothing else', () => {
  for (const path of ['/api', '/apis', '/apis/apps/v1', '/openapi/v3']) expect(may(stranger, 'GET', path)).toBe(true);
  expect(may(stranger, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')).toBe(true);
  expect(may(stranger, 'GET', '/api/v1/namespaces/default/pods')).toBe(false);
  expect(may(stranger, 'GET', '/metrics')).toBe(false);
});

test.each([
  ['GET', '/metrics', 'forbidden: User "eve" cannot get path "/metrics"'],
  [
    'GET',
    '/apis/apps/v1/namespaces/ns/deployments/d',
    'deployments.apps "d" is forbidden: User "eve" cannot get resource "deployments" in API group "apps" in the namespace "ns"',
  ],
  [
    'GET',
    '/api/v1/nodes',
    'nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope',
  ],
])('%s %s is denied in the words of the real server', (method, path, message) => {
  expect(denied(stranger, readRequestInfo(method, path))).toMatchObject({ code: 403, reason: 'Forbidden', message });
});
