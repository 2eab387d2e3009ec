/**
 * The objects that a new cluster has, as Kubernetes 1.34 makes them (pkg/apis/flowcontrol/bootstrap). The API server creates those
 * that are missing; users change them with kubectl.
 */
import type { KubeObject } from '../../client/types.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

export const defaultPriorityLevels: readonly KubeObject[] = [
  priorityLevel('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  limited('leader-election', 10, 0, { queues: 16, handSize: 4, queueLengthLimit: 50 }),
  limited('node-high', 40, 25, { queues: 64, handSize: 6, queueLengthLimit: 50 }),
  limited('system', 30, 33, { queues: 64, handSize: 6, queueLengthLimit: 50 }),
  limited('workload-high', 40, 50, { queues: 128, handSize: 6, queueLengthLimit: 50 }),
  limited('workload-low', 100, 90, { queues: 128, handSize: 6, queueLengthLimit: 50 }),
  limited('global-default', 20, 50, { queues: 128, handSize: 6, queueLengthLimit: 50 }),
  limited('catch-all', 5, 0),
];

const everybody = groups('system:authenticated', 'system:unauthenticated');
const nodes = groups('system:nodes');
const controllerManager = users('system:kube-controller-manager');
const scheduler = users('system:kube-scheduler');
const elect = ['get', 'create', 'update'];
const leases = resources(['coordination.k8s.io'], ['leases']);

const everything = {
  resourceRules: [{ verbs: ['*'], ...resources(['*'], ['*']), clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

export const defaultFlowSchemas: readonly KubeObject[] = [
  flowSchema('exempt', 'exempt', 1, undefined, { subjects: groups('system:masters'), ...everything }),
  flowSchema('probes', 'exempt', 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...controllerManager, ...scheduler, ...kubeSystemAccounts('*')],
    resourceRules: [{ verbs: elect, ...leases }],
  }),
  flowSchema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [...controllerManager, ...kubeSystemAccounts('endpoint-controller', 'endpointslicemirroring-controller')],
    resourceRules: [{ verbs: elect, ...resources([''], ['endpoints']) }],
  }),
  flowSchema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: kubeSystemAccounts('*'),
    resourceRules: [
      { verbs: elect, ...resources([''], ['endpoints', 'configmaps']) },
      { verbs: elect, ...leases },
    ],
  }),
  flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: nodes,
    resourceRules: [
      { verbs: ['*'], ...resources([''], ['nodes', 'nodes/status']), clusterScope: true },
      { verbs: ['*'], ...leases },
    ],
  }),
  flowSchema('system-nodes', 'system', 500, 'ByUser', { subjects: nodes, ...everything }),
  flowSchema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', {
    subjects: controllerManager,
    ...everything,
  }),
  flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', { subjects: scheduler, ...everything }),
  flowSchema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', {
    subjects: kubeSystemAccounts('*'),
    ...everything,
  }),
  flowSchema('service-accounts', 'workload-low', 9000, 'ByUser', {
    subjects: groups('system:serviceaccounts'),
    ...everything,
  }),
  flowSchema('global-default', 'global-default', 9900, 'ByUser', { subjects: everybody, ...everything }),
  flowSchema('catch-all', 'catch-all', 10000, 'ByUser', { subjects: everybody, ...everything }),
];

function limited(
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queuing?: { queues: number; handSize: number; queueLengthLimit: number },
): KubeObject {
  const limitResponse = queuing ? { type: 'Queue', queuing } : { type: 'Reject' };
  return priorityLevel(name, {
    type: 'Limited',
    limited: { nominalConcurrencyShares, lendablePercent, limitResponse },
  });
}

function priorityLevel(name: string, spec: unknown): KubeObject {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: metadata(name), spec };
}

function flowSchema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: unknown,
): KubeObject {
  return {
    apiVersion,
    kind: 'FlowSchema',
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
      rules: [rule],
    },
  };
}

function metadata(name: string): KubeObject['metadata'] {
  return { name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } };
}

function resources(apiGroups: string[], plurals: string[]) {
  return { apiGroups, resources: plurals, namespaces: ['*'] };
}

function groups(...names: string[]) {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

function users(...names: string[]) {
  return names.map((name) => ({ kind: 'User', user: { name } }));
}

function kubeSystemAccounts(...names: string[]) {
  return names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));
}
