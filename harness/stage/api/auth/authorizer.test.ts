import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { readRequestInfo } from '../request/request-info.ts';
import type { User } from './authenticate.ts';
import { askedBy, Authorizer, denied, type Policy } from './authorizer.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const eve: User = { name: 'eve', groups: ['team', 'system:authenticated'] };
const robot: User = { name: 'system:serviceaccount:shop:robot', groups: ['system:authenticated'] };
const member = (group: string): User => ({ name: 'x', groups: [group, 'system:authenticated'] });

const asked = (method: string, path: string) => askedBy(readRequestInfo(method, path));

function may(policy: Policy, user: User, method: string, path: string): boolean {
  return new Authorizer(() => policy).allows(user, asked(method, path));
}

const role = (name: string, rules: readonly object[], namespace?: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: namespace === undefined ? 'ClusterRole' : 'Role',
  metadata: { name, ...(namespace !== undefined && { namespace }) },
  rules,
});

const binding = (roleRef: object, subjects: readonly object[], namespace?: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name: 'b', ...(namespace !== undefined && { namespace }) },
  roleRef,
  subjects,
});

const toEve = [{ kind: 'User', name: 'eve' }];
const none: Policy = { clusterroles: [], clusterrolebindings: [], roles: [], rolebindings: [] };
const clusterRole = { kind: 'ClusterRole', name: 'r' };

/** Eve has a cluster role with that rule, everywhere. */
const rule = (fields: object): Policy => ({
  ...none,
  clusterroles: [role('r', [{ verbs: ['get', 'list'], ...fields }])],
  clusterrolebindings: [binding(clusterRole, toEve)],
});

const allows = (user: User, method: string, path: string): boolean => may(bootstrapPolicy, user, method, path);

describe('a new cluster', () => {
  test.each(['/healthz', '/livez', '/readyz', '/version'])('lets anybody look at %s', (path) => {
    expect(allows(anonymous, 'GET', path)).toBe(true);
    expect(allows(anonymous, 'POST', path)).toBe(false);
  });

  test.each(['/', '/api', '/metrics', '/readyz/etcd', '/versions', '/api/v1/pods'])('shows nobody %s', (path) => {
    expect(allows(anonymous, 'GET', path)).toBe(false);
  });

  test('tells who is known what is served and what he may do, and nothing else', () => {
    for (const path of ['/api', '/apis', '/apis/apps/v1', '/openapi/v2']) expect(allows(eve, 'GET', path)).toBe(true);
    expect(allows(eve, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')).toBe(true);
    expect(allows(eve, 'GET', '/api/v1/namespaces/default/pods')).toBe(false);
    expect(allows(eve, 'GET', '/metrics')).toBe(false);
  });

  test('lets system:masters do everything, and kubeadm:cluster-admins nothing before kubeadm binds it', () => {
    expect(allows(member('system:masters'), 'DELETE', '/api/v1/nodes/n')).toBe(true);
    expect(allows(member('system:masters'), 'GET', '/metrics')).toBe(true);
    expect(allows(member('kubeadm:cluster-admins'), 'GET', '/api/v1/nodes/n')).toBe(false);
  });

  test('lets nodes and controllers do their work, and no more', () => {
    const node = member('system:nodes');
    expect(allows(node, 'PATCH', '/api/v1/namespaces/x/pods/p/status')).toBe(true);
    expect(allows(node, 'POST', '/api/v1/namespaces/x/serviceaccounts/a/token')).toBe(true);
    expect(allows(node, 'DELETE', '/api/v1/nodes/n')).toBe(false);
    expect(allows(node, 'GET', '/apis/apps/v1/deployments')).toBe(false);
    const manager: User = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };
    expect(allows(manager, 'DELETE', '/apis/any.example.org/v1/namespaces/x/things')).toBe(true);
    expect(allows(manager, 'POST', '/api/v1/namespaces/x/pods/p/binding')).toBe(true);
    expect(allows(manager, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings')).toBe(false);
  });
});

describe('a rule', () => {
  const pods = '/api/v1/namespaces/x/pods';

  test.each<[string, object, readonly string[], readonly string[]]>([
    ['of a kind', { apiGroups: [''], resources: ['pods'] }, [pods, `${pods}/p`, '/api/v1/pods'], [`${pods}/p/log`]],
    ['of a subresource', { apiGroups: [''], resources: ['pods/log'] }, [`${pods}/p/log`], [pods, `${pods}/p/status`]],
    [
      'of a subresource of any kind',
      { apiGroups: ['*'], resources: ['*/status'] },
      [`${pods}/p/status`, '/apis/apps/v1/namespaces/x/deployments/d/status'],
      [`${pods}/p`, `${pods}/p/log`],
    ],
    ['of everything', { apiGroups: ['*'], resources: ['*'] }, [`${pods}/p/log`, '/api/v1/nodes'], ['/metrics']],
    ['of a group', { apiGroups: ['apps'], resources: ['*'] }, ['/apis/apps/v1/deployments'], [pods]],
    [
      'of names',
      { apiGroups: [''], resources: ['pods'], resourceNames: ['p'] },
      [`${pods}/p`, `${pods}?fieldSelector=metadata.name%3Dp`],
      [pods, `${pods}/q`, `${pods}?fieldSelector=metadata.name!%3Dp`],
    ],
    ['of a path', { nonResourceURLs: ['/metrics'] }, ['/metrics'], ['/metrics/x', '/logs', pods]],
    ['of paths', { nonResourceURLs: ['/logs/*'] }, ['/logs/', '/logs/a/b'], ['/logs', '/metrics']],
    ['of all paths', { nonResourceURLs: ['*'] }, ['/metrics', '/'], [pods]],
  ])('%s allows that', (_what, fields, allowed, refused) => {
    for (const path of allowed) expect([path, may(rule(fields), eve, 'GET', path)]).toEqual([path, true]);
    for (const path of refused) expect([path, may(rule(fields), eve, 'GET', path)]).toEqual([path, false]);
  });

  test('allows its verbs alone, and what its role has no rule for is not', () => {
    const policy = rule({ apiGroups: [''], resources: ['pods'] });
    expect(may(policy, eve, 'DELETE', `${pods}/p`)).toBe(false);
    expect(may(policy, eve, 'GET', `${pods}?watch=true`)).toBe(false);
    expect(may(policy, { ...eve, name: 'adam' }, 'GET', pods)).toBe(false);
  });
});

describe('a binding', () => {
  const rules = [
    { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ];
  const clusterroles = [role('r', rules)];

  test.each([
    [[{ kind: 'User', name: 'eve' }], eve],
    [[{ kind: 'Group', name: 'team' }], eve],
    [[{ kind: 'ServiceAccount', name: 'robot', namespace: 'shop' }], robot],
  ])('to %j counts for that one', (subjects, user) => {
    const policy = { ...none, clusterroles, clusterrolebindings: [binding(clusterRole, subjects)] };
    expect(may(policy, user, 'GET', '/api/v1/pods')).toBe(true);
    expect(may(policy, user === eve ? robot : eve, 'GET', '/api/v1/pods')).toBe(false);
  });

  test('in a namespace gives what a role or a cluster role says there, and nowhere else', () => {
    const roles = [role('r', rules, 'shop'), role('r', [], 'other')];
    for (const kind of ['Role', 'ClusterRole']) {
      const rolebindings = [binding({ kind, name: 'r' }, toEve, 'shop')];
      const policy = { ...none, clusterroles, roles, rolebindings };
      expect(may(policy, eve, 'GET', '/api/v1/namespaces/shop/pods')).toBe(true);
      expect(may(policy, eve, 'GET', '/api/v1/namespaces/shop')).toBe(true);
      for (const path of ['/api/v1/namespaces/other/pods', '/api/v1/pods', '/api/v1/namespaces', '/metrics']) {
        expect(may(policy, eve, 'GET', path)).toBe(false);
      }
    }
  });

  test('in a namespace means the service account there when it names no other', () => {
    const subjects = [{ kind: 'ServiceAccount', name: 'robot' }];
    const policy = { ...none, clusterroles, rolebindings: [binding(clusterRole, subjects, 'shop')] };
    expect(may(policy, robot, 'GET', '/api/v1/namespaces/shop/pods')).toBe(true);
  });

  test('to a role that is not there gives nothing', () => {
    expect(may({ ...none, clusterrolebindings: [binding(clusterRole, toEve)] }, eve, 'GET', '/api/v1/pods')).toBe(
      false,
    );
  });

  test('that goes or comes counts at once', () => {
    let policy = rule({ apiGroups: [''], resources: ['pods'] });
    const authorizer = new Authorizer(() => policy);
    const mayList = (): boolean => authorizer.allows(eve, asked('GET', '/api/v1/pods'));
    expect(mayList()).toBe(true);
    const before = policy;
    policy = { ...policy, clusterrolebindings: [] };
    expect(mayList()).toBe(false);
    policy = before;
    expect(mayList()).toBe(true);
    policy = { ...policy, clusterroles: [] };
    expect(mayList()).toBe(false);
  });
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
  [
    'DELETE',
    '/api/v1/namespaces/ns',
    'namespaces "ns" is forbidden: User "eve" cannot delete resource "namespaces" in API group "" in the namespace "ns"',
  ],
])('%s %s is denied in the words of the real server', (method, path, message) => {
  expect(denied(eve, asked(method, path))).toMatchObject({ code: 403, reason: 'Forbidden', message });
});
