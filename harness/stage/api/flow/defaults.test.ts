import { describe, expect, test } from 'vitest';
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts';
import { textAt } from '../json.ts';
import { bySchemaOrder, matchesSchema } from './match.ts';
import { shareOut } from './priority-level.ts';
import { flowRequest, serviceAccount } from './testing/world.ts';
import type { FlowRequest } from './types.ts';

const schemas = defaultFlowSchemas.toSorted(bySchemaOrder);
const masters = { user: 'kubernetes-super-admin', groups: ['system:masters', 'system:authenticated'] };
const admin = { user: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] };
const kubelet = { user: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const manager = { user: 'system:kube-controller-manager', groups: ['system:authenticated'] };
const nobody = { user: 'system:anonymous', groups: ['system:unauthenticated'] };
const coreDns = serviceAccount('kube-system', 'coredns');
const lease = { apiGroup: 'coordination.k8s.io', resource: 'leases', verb: 'update' };
const path = (url: string): Partial<FlowRequest> => ({ path: url, resource: '', namespace: '', name: '' });

describe('by default', () => {
  test.each<[string, Partial<FlowRequest>, string]>([
    ['the break-glass credential', masters, 'exempt'],
    ["the break-glass credential's GET /metrics", { ...masters, ...path('/metrics') }, 'exempt'],
    ['an anonymous health check', { ...nobody, ...path('/readyz') }, 'probes'],
    ['another anonymous path', { ...nobody, ...path('/version') }, 'global-default'],
    ['a health check in detail', { ...nobody, ...path('/readyz/etcd') }, 'global-default'],
    ["the admin's kubeconfig", admin, 'global-default'],
    ["a kubelet's lease", { ...kubelet, ...lease, namespace: 'kube-node-lease' }, 'system-node-high'],
    [
      "a kubelet's node status",
      { ...kubelet, resource: 'nodes', subresource: 'status', namespace: '' },
      'system-node-high',
    ],
    ["a kubelet's pods", { ...kubelet, verb: 'list', namespace: '' }, 'system-nodes'],
    ["the controller manager's lease", { ...manager, ...lease, namespace: 'kube-system' }, 'system-leader-election'],
    [
      "the controller manager's endpoints",
      { ...manager, verb: 'update', resource: 'endpoints' },
      'endpoint-controller',
    ],
    ["the controller manager's pods", manager, 'kube-controller-manager'],
    ["the scheduler's pods", { ...manager, user: 'system:kube-scheduler' }, 'kube-scheduler'],
    [
      "CoreDNS's services",
      { ...coreDns, verb: 'list', resource: 'services', namespace: '' },
      'kube-system-service-accounts',
    ],
    ["CoreDNS's config maps", { ...coreDns, resource: 'configmaps' }, 'workload-leader-election'],
    ["an agent's pods", { ...serviceAccount('telemetry', 'agent'), verb: 'list', namespace: '' }, 'service-accounts'],
  ])('%s: %s → %s', (_name, request, expected) => {
    expect(schemas.find((schema) => matchesSchema(schema, flowRequest(request)))?.metadata.name).toBe(expected);
  });

  test('600 seats are shared out as the real server does', () => {
    const limits = Object.fromEntries(shareOut(defaultPriorityLevels, 600).map(({ name, limit }) => [name, limit]));
    expect(limits).toEqual({
      exempt: Infinity,
      system: 74,
      'node-high': 98,
      'leader-election': 25,
      'workload-high': 98,
      'workload-low': 245,
      'global-default': 49,
      'catch-all': 13,
    });
  });

  test('the widest request of each level is that of the real server', () => {
    const widest = Object.fromEntries(
      shareOut(defaultPriorityLevels, 600).map(({ name, mostSeats }) => [name, mostSeats]),
    );
    expect(widest).toMatchObject({
      system: 12,
      'node-high': 15,
      'leader-election': 4,
      'workload-low': 37,
      'global-default': 8,
    });
  });

  test('every schema names a level that is there, and no name is used twice', () => {
    const levels = defaultPriorityLevels.map(({ metadata }) => metadata.name);
    const named = schemas.map(({ spec }) => textAt(spec, 'priorityLevelConfiguration.name'));
    expect(named.filter((level) => !levels.includes(level))).toEqual([]);
    expect(new Set(levels).size).toBe(8);
    expect(new Set(schemas.map(({ metadata }) => metadata.name)).size).toBe(13);
  });
});
