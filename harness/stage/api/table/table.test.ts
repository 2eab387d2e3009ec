import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { builtIn, builtInTypes, type ResourceType } from '../resources.ts';
import { toTable } from './table.ts';

const now = new Date('2026-01-01T00:01:00Z');
const metadata = { name: 'x', namespace: 'd', creationTimestamp: '2026-01-01T00:00:00Z' };
const object = (fields: object): KubeObject => ({ apiVersion: 'v1', kind: 'Any', metadata, ...fields });

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: unknown }[];
}

function tableOf(type: ResourceType, objects: readonly KubeObject[], query = ''): Table {
  return toTable(type, objects, { resourceVersion: '5' }, new URLSearchParams(query), now) as Table;
}

/** The default columns and, after a bar, the wide ones; then the cells of one object. */
function printed(type: ResourceType, fields: object): [string, unknown[]] {
  const { columnDefinitions, rows } = tableOf(type, [object(fields)]);
  const names = (priority: number): string =>
    columnDefinitions
      .filter((column) => column.priority === priority)
      .map(({ name }) => name)
      .join(' ');
  return [[names(0), names(1)].filter((text) => text !== '').join(' | '), [...(rows[0]?.cells ?? [])]];
}

test.each<[string, object, string, unknown[]]>([
  ['namespaces', { status: { phase: 'Active' } }, 'Name Status Age', ['x', 'Active', '60s']],
  [
    'nodes',
    {
      metadata: {
        ...metadata,
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'Unknown' }],
        addresses: [{ type: 'InternalIP', address: '1' }],
        nodeInfo: { kubeletVersion: 'v1' },
      },
    },
    'Name Status Roles Age Version | Internal-IP',
    ['x', 'NotReady,SchedulingDisabled', 'worker,control-plane', '60s', 'v1', '1'],
  ],
  [
    'pods',
    { spec: { nodeName: 'n' }, status: { phase: 'Pending' } },
    'Name Ready Status Restarts Age | IP Node',
    ['x', '0/0', 'Pending', '0', '60s', '<none>', 'n'],
  ],
  [
    'services',
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: '9',
        selector: { b: '2', a: '1' },
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    },
    'Name Type Cluster-IP External-IP Port(s) Age | Selector',
    ['x', 'ClusterIP', '9', '<none>', '80/TCP,53/UDP', '60s', 'a=1,b=2'],
  ],
  [
    'endpoints',
    { subsets: [{ addresses: [{ ip: '1' }, { ip: '2' }], ports: [{ port: 80 }, { port: 81 }] }] },
    'Name Endpoints Age',
    ['x', '1:80,2:80,1:81 + 1 more...', '60s'],
  ],
  ['configmaps', { data: { a: '', b: '' }, binaryData: { c: '' } }, 'Name Data Age', ['x', 3, '60s']],
  ['secrets', { type: 'Opaque', data: { a: '' } }, 'Name Type Data Age', ['x', 'Opaque', 1, '60s']],
  ['serviceaccounts', {}, 'Name Age', ['x', '60s']],
  [
    'events',
    {
      type: 'Warning',
      reason: 'BackOff',
      message: ' again\n',
      involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec' },
      source: { component: 'kubelet', host: 'n' },
      firstTimestamp: '2026-01-01T00:00:10Z',
      lastTimestamp: '2026-01-01T00:00:50Z',
      count: 7,
    },
    'Last Seen Type Reason Object Message | Name',
    ['10s', 'Warning', 'BackOff', 'pod/p', 'again', 'x'],
  ],
  [
    'deployments',
    { spec: { replicas: 3 }, status: { readyReplicas: 2, updatedReplicas: 1 } },
    'Name Ready Up-to-date Available Age',
    ['x', '2/3', 1, 0, '60s'],
  ],
  [
    'replicasets',
    { spec: { replicas: 3 }, status: { replicas: 2, readyReplicas: 1 } },
    'Name Desired Current Ready Age',
    ['x', 3, 2, 1, '60s'],
  ],
  [
    'daemonsets',
    {
      status: { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 1 },
    },
    'Name Desired Current Ready Up-to-date Available Node Selector Age',
    ['x', 2, 2, 1, 0, 0, '<none>', '60s'],
  ],
  ['customresourcedefinitions', {}, 'Name Created At', ['x', '2026-01-01T00:00:00Z']],
  [
    'flowschemas',
    {
      spec: {
        priorityLevelConfiguration: { name: 'p' },
        matchingPrecedence: 5,
        distinguisherMethod: { type: 'ByUser' },
      },
      status: { conditions: [{ type: 'Dangling', status: 'False' }] },
    },
    'Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL',
    ['x', 'p', 5, 'ByUser', '60s', 'False'],
  ],
])('%s', (plural, fields, columns, cells) => {
  expect(printed(builtIn(plural), fields)).toEqual([columns, cells]);
});

test.each(builtInTypes.map((type) => [type.plural, type] as const))(
  '%s: an object with nothing in it has a cell for every column',
  (_, type) => {
    const [columns, cells] = printed(type, {});
    expect(cells).toHaveLength(tableOf(type, []).columnDefinitions.length);
    expect(columns).not.toBe('');
    expect(cells.filter((cell) => cell === undefined)).toEqual([]);
  },
);

const custom = (printerColumns?: ResourceType['printerColumns']): ResourceType => ({
  ...builtIn('pods'),
  group: 'chaos-mesh.org',
  plural: 'podchaos',
  ...(printerColumns && { printerColumns }),
});

test('a custom resource has the columns of its definition', () => {
  const columns = [
    { name: 'Action', type: 'string', jsonPath: '.spec.action' },
    { name: 'Missing', type: 'string', jsonPath: '.spec.nothing.there' },
  ];
  expect(printed(custom(columns), { spec: { action: 'pod-kill' } })).toEqual([
    'Name Action Missing',
    ['x', 'pod-kill', '<none>'],
  ]);
});

test('a custom resource without columns has its age', () => {
  expect(printed(custom(), {})).toEqual(['Name Age', ['x', '60s']]);
});

const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };

test.each([
  ['', partial],
  ['includeObject=Metadata', partial],
  ['includeObject=Object', object({ data: { a: '1' } })],
  ['includeObject=None', undefined],
])('rows hold, with %j, what was asked for', (query, expected) => {
  const { rows } = tableOf(builtIn('configmaps'), [object({ data: { a: '1' } })], query);
  expect(rows[0]?.object).toEqual(expected);
});
