import type { KubeObject } from '../../client/types.ts';
import { at, isMap, listAt, textAt } from '../json.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { badRequest } from '../status.ts';
import { conditionStatus, podReady, podRestarts, podStatus, since } from './pod-status.ts';

/**
 * What `kubectl get` prints: the answer to `Accept: application/json;as=Table;v=v1;g=meta.k8s.io`. The query parameter
 * `includeObject` is `None`, `Metadata` (default) or `Object`, which kubectl asks for when it sorts.
 */
export function toTable(
  type: ResourceType,
  objects: readonly KubeObject[],
  meta: { resourceVersion?: string; continue?: string; remainingItemCount?: number },
  query: URLSearchParams,
  now = new Date(),
): object {
  const include = query.get('includeObject') ?? 'Metadata';
  if (!['None', 'Metadata', 'Object'].includes(include)) throw badRequest('includeObject: None, Metadata or Object');
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
  const columns = columnsOf(type);
  const { resourceVersion, continue: next, remainingItemCount } = meta;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion, continue: next, remainingItemCount },
    columnDefinitions: columns.map(({ name, kind, priority }) => {
      const format = name === 'Name' ? 'name' : '';
      return { name, type: kind, format, description: '', priority };
    }),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      ...(include === 'Object' && { object }),
      ...(include === 'Metadata' && { object: { ...partial, metadata: object.metadata } }),
    })),
  };
}

type Cell = (object: KubeObject, now: Date) => string | number;

interface Column {
  readonly name: string;
  readonly kind: string;
  /** 1: shown only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: Cell;
}

/** A column with the text at a path, or with what is worked out; `<none>` where that is nothing. */
function text(name: string, read: string | Cell): Column {
  const cell: Cell = (object, now) => {
    const value = typeof read === 'string' ? textAt(object, read) : read(object, now);
    return value === '' ? '<none>' : value;
  };
  return { name, kind: 'string', priority: 0, cell };
}

const wide = (name: string, read: string | Cell): Column => ({ ...text(name, read), priority: 1 });
const integer = (name: string, path: string): Column => ({
  ...text(name, (object) => Number(at(object, path) ?? 0)),
  kind: 'integer',
});

const name = text('Name', 'metadata.name');
const age = text('Age', (object, now) => since(textAt(object, 'metadata.creationTimestamp'), now));
const createdAt = text('Created At', 'metadata.creationTimestamp');
/** By storage key. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [name, text('Status', 'status.phase'), age],
  nodes: [
    name,
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    age,
    text('Version', 'status.nodeInfo.kubeletVersion'),
    wide('Internal-IP', (node) => textAt(listAt(node, 'status.addresses')[0], 'address')),
  ],
  pods: [
    name,
    text('Ready', podReady),
    text('Status', podStatus),
    text('Restarts', podRestarts),
    age,
    wide('IP', 'status.podIP'),
    wide('Node', 'spec.nodeName'),
  ],
  services: [
    name,
    text('Type', 'spec.type'),
    text('Cluster-IP', 'spec.clusterIP'),
    text('External-IP', () => ''),
    text('Port(s)', servicePorts),
    age,
    wide('Selector', (service) => labelsText(at(service, 'spec.selector'))),
  ],
  endpoints: [name, text('Endpoints', endpoints), age],
  configmaps: [name, text('Data', (object) => size(object['data']) + size(object['binaryData'])), age],
  secrets: [name, text('Type', 'type'), text('Data', (object) => size(object['data'])), age],
  events: [
    text('Last Seen', (event, now) => since(textAt(event, 'lastTimestamp') || textAt(event, 'eventTime'), now)),
    text('Type', 'type'),
    text('Reason', 'reason'),
    text('Object', eventObject),
    text('Message', (event) => textAt(event, 'message').trim()),
    wide('Name', 'metadata.name'),
  ],
  'deployments.apps': [
    name,
    text('Ready', (object) => `${textAt(object, 'status.readyReplicas') || 0}/${textAt(object, 'spec.replicas')}`),
    integer('Up-to-date', 'status.updatedReplicas'),
    integer('Available', 'status.availableReplicas'),
    age,
  ],
  'replicasets.apps': [
    name,
    integer('Desired', 'spec.replicas'),
    integer('Current', 'status.replicas'),
    integer('Ready', 'status.readyReplicas'),
    age,
  ],
  'daemonsets.apps': [
    name,
    integer('Desired', 'status.desiredNumberScheduled'),
    integer('Current', 'status.currentNumberScheduled'),
    integer('Ready', 'status.numberReady'),
    integer('Up-to-date', 'status.updatedNumberScheduled'),
    integer('Available', 'status.numberAvailable'),
    text('Node Selector', (object) => labelsText(at(object, 'spec.template.spec.nodeSelector'))),
    age,
  ],
  'controllerrevisions.apps': [name, text('Controller', revisionOwner), integer('Revision', 'revision'), age],
  'customresourcedefinitions.apiextensions.k8s.io': [name, createdAt],
  'clusterroles.rbac.authorization.k8s.io': [name, createdAt],
  'roles.rbac.authorization.k8s.io': [name, createdAt],
  'clusterrolebindings.rbac.authorization.k8s.io': [name, text('Role', roleRef), age],
  'rolebindings.rbac.authorization.k8s.io': [name, text('Role', roleRef), age],
  'flowschemas.flowcontrol.apiserver.k8s.io': [
    name,
    text('PriorityLevel', 'spec.priorityLevelConfiguration.name'),
    integer('MatchingPrecedence', 'spec.matchingPrecedence'),
    text('DistinguisherMethod', 'spec.distinguisherMethod.type'),
    age,
    text('MissingPL', (object) => conditionStatus(object, 'Dangling') || '?'),
  ],
};

/** The columns of a kind: those of the table, those its CustomResourceDefinition names, else name and age. */
function columnsOf(type: ResourceType): readonly Column[] {
  if (!type.printerColumns?.length) return columns[storageKey(type)] ?? [name, age];
  // Only plain paths are understood: `.spec.duration`.
  const custom = type.printerColumns.map((one) => text(textAt(one, 'name'), textAt(one, 'jsonPath').slice(1)));
  return [name, ...custom];
}

function nodeStatus(node: KubeObject): string {
  const ready = conditionStatus(node, 'Ready');
  const status = ready === '' ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec.unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles({ metadata: { labels = {} } }: KubeObject): string {
  const roles = Object.keys(labels).map((label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1]);
  return roles.filter((one) => one !== undefined).join(',');
}

function revisionOwner({ metadata: { ownerReferences = [] } }: KubeObject): string {
  const owner = ownerReferences.find(({ controller }) => controller);
  return owner ? `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0]}/${owner.name}` : '';
}

function roleRef(binding: KubeObject): string {
  return `${textAt(binding, 'roleRef.kind')}/${textAt(binding, 'roleRef.name')}`;
}

function servicePorts(service: KubeObject): string {
  const ports = listAt(service, 'spec.ports').map((port) => `${textAt(port, 'port')}/${textAt(port, 'protocol')}`);
  return ports.join(',');
}

function endpoints(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) =>
    textsIn(subset, 'ports', 'port').flatMap((port) => textsIn(subset, 'addresses', 'ip').map((ip) => `${ip}:${port}`)),
  );
  return firstThree(all);
}

function eventObject(event: KubeObject): string {
  return `${textAt(event, 'involvedObject.kind').toLowerCase()}/${textAt(event, 'involvedObject.name')}`;
}

function textsIn(value: unknown, list: string, field: string): string[] {
  return listAt(value, list).map((item) => textAt(item, field));
}

function firstThree(texts: readonly unknown[]): string {
  const shown = texts.slice(0, 3).join(',');
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}

function size(map: unknown): number {
  return isMap(map) ? Object.keys(map).length : 0;
}

/** `a=1,b=2`. */
function labelsText(labels: unknown): string {
  const entries = isMap(labels) ? Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)) : [];
  return entries.map(([key, value]) => `${key}=${String(value)}`).join(',');
}
