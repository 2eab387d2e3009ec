/** The columns of `kubectl get` for the built-in kinds, as the real API server gives them (Kubernetes 1.34). */
import type { KubeObject } from '../../client/types.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import {
  age,
  column,
  createdAt,
  formatLabels,
  integer,
  name,
  templateColumns,
  text,
  wide,
  type Column,
} from './column.ts';
import { customColumns } from './custom-columns.ts';
import { eventColumns } from './event-columns.ts';
import { endpointColumns, endpointSliceColumns, serviceColumns } from './network-columns.ts';
import { conditionStatus, summarizePod } from './pod-status.ts';
import { at, entriesAt, listAt, numberAt, show, textAt } from './read.ts';

const podColumns: readonly Column[] = [
  name,
  column('Ready', (pod, now) => summarizePod(pod, now).ready),
  column('Status', (pod, now) => summarizePod(pod, now).status),
  column('Restarts', (pod, now) => summarizePod(pod, now).restarts),
  age,
  wide('IP', (pod) => textAt(pod, 'status', 'podIP') || '<none>'),
  wide('Node', (pod) => textAt(pod, 'spec', 'nodeName') || '<none>'),
  wide('Nominated Node', (pod) => textAt(pod, 'status', 'nominatedNodeName') || '<none>'),
  wide('Readiness Gates', readinessGates),
];

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  const open = gates.filter((gate) => conditionStatus(pod, textAt(gate, 'conditionType')) === 'True');
  return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`;
}

const nodeColumns: readonly Column[] = [
  name,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  age,
  text('Version', ['status', 'nodeInfo', 'kubeletVersion']),
  wide('Internal-IP', (node) => nodeAddress(node, 'InternalIP')),
  wide('External-IP', (node) => nodeAddress(node, 'ExternalIP')),
  wide('OS-Image', (node) => textAt(node, 'status', 'nodeInfo', 'osImage') || '<unknown>'),
  wide('Kernel-Version', (node) => textAt(node, 'status', 'nodeInfo', 'kernelVersion') || '<unknown>'),
  wide('Container-Runtime', (node) => textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion') || '<unknown>'),
];

function nodeStatus(node: KubeObject): string {
  const ready = conditionStatus(node, 'Ready');
  const status = ready === '' ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = entriesAt(node, 'metadata', 'labels').map(([key]) =>
    key.startsWith(prefix) ? key.slice(prefix.length) : '',
  );
  return roles.filter((role) => role !== '').join(',') || '<none>';
}

function nodeAddress(node: KubeObject, type: string): string {
  return (
    textAt(
      listAt(node, 'status', 'addresses').find((address) => at(address, 'type') === type),
      'address',
    ) || '<none>'
  );
}

const deploymentColumns: readonly Column[] = [
  name,
  column('Ready', (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`),
  integer('Up-to-date', ['status', 'updatedReplicas']),
  integer('Available', ['status', 'availableReplicas']),
  age,
  ...templateColumns,
];

const replicaSetColumns: readonly Column[] = [
  name,
  integer('Desired', ['spec', 'replicas']),
  integer('Current', ['status', 'replicas']),
  integer('Ready', ['status', 'readyReplicas']),
  age,
  ...templateColumns,
];

const daemonSetColumns: readonly Column[] = [
  name,
  integer('Desired', ['status', 'desiredNumberScheduled']),
  integer('Current', ['status', 'currentNumberScheduled']),
  integer('Ready', ['status', 'numberReady']),
  integer('Up-to-date', ['status', 'updatedNumberScheduled']),
  integer('Available', ['status', 'numberAvailable']),
  column('Node Selector', (object) => formatLabels(object, 'spec', 'template', 'spec', 'nodeSelector')),
  age,
  ...templateColumns,
];

const countOf =
  (...path: string[]) =>
  (object: KubeObject): number =>
    entriesAt(object, ...path).length;

const flowSchemaColumns: readonly Column[] = [
  name,
  text('PriorityLevel', ['spec', 'priorityLevelConfiguration', 'name']),
  integer('MatchingPrecedence', ['spec', 'matchingPrecedence']),
  text('DistinguisherMethod', ['spec', 'distinguisherMethod', 'type'], '<none>'),
  age,
  column('MissingPL', (object) => conditionStatus(object, 'Dangling') || '?'),
];

const limited = (title: string, ...path: string[]): Column =>
  column(title, (object) => show(at(object, 'spec', 'limited', ...path) ?? '<none>'));

const priorityLevelColumns: readonly Column[] = [
  name,
  text('Type', ['spec', 'type']),
  limited('NominalConcurrencyShares', 'nominalConcurrencyShares'),
  limited('Queues', 'limitResponse', 'queuing', 'queues'),
  limited('HandSize', 'limitResponse', 'queuing', 'handSize'),
  limited('QueueLengthLimit', 'limitResponse', 'queuing', 'queueLengthLimit'),
  age,
];

const roleRef = column('Role', (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`);

const columns: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [name, text('Status', ['status', 'phase']), age],
  nodes: nodeColumns,
  pods: podColumns,
  services: serviceColumns,
  endpoints: endpointColumns,
  'endpointslices.discovery.k8s.io': endpointSliceColumns,
  configmaps: [name, column('Data', (object) => countOf('data')(object) + countOf('binaryData')(object)), age],
  secrets: [name, text('Type', ['type']), column('Data', countOf('data')), age],
  serviceaccounts: [name, column('Secrets', (object) => listAt(object, 'secrets').length), age],
  events: eventColumns,
  'deployments.apps': deploymentColumns,
  'replicasets.apps': replicaSetColumns,
  'daemonsets.apps': daemonSetColumns,
  'leases.coordination.k8s.io': [name, text('Holder', ['spec', 'holderIdentity']), age],
  'customresourcedefinitions.apiextensions.k8s.io': [name, createdAt],
  'flowschemas.flowcontrol.apiserver.k8s.io': flowSchemaColumns,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': priorityLevelColumns,
  'roles.rbac.authorization.k8s.io': [name, createdAt],
  'clusterroles.rbac.authorization.k8s.io': [name, createdAt],
  'rolebindings.rbac.authorization.k8s.io': [name, roleRef, age],
  'clusterrolebindings.rbac.authorization.k8s.io': [name, roleRef, age],
};

/** The columns of a kind: those of the table, those its CustomResourceDefinition names, else name and age. */
export function columnsOf(type: ResourceType): readonly Column[] {
  if (type.printerColumns) return [name, ...customColumns(type.printerColumns)];
  return columns[storageKey(type)] ?? [name, age];
}
