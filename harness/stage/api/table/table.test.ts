import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { builtIn, builtInTypes, type ResourceType } from '../resources.ts';
import { toTable } from './table.ts';

const now = new Date('2026-01-01T00:01:00Z');
const metadata = { name: 'x', namespace: 'd', creationTimestamp: '2026-01-01T00:00:00Z' };
const object = (fields: object): KubeObject => ({ apiVersion: 'v1', kind: 'Any', metadata, ...fields });

/** The default columns and, after a bar, the wide ones; then the cells of one object. */
function printed(type: ResourceType, fields: object): [string, unknown[]] {
  const { columnDefinitions, rows } = toTable(type, [object(fields)], { now });
  const names = (priority: number): string =>
    columnDefinitions
      .filter((column) => column.priority === priority)
      .map(({ name }) => name)
      .join(' ');
  return [[names(0), names(1)].filter((text) => text !== '').join(' | '), [...(rows[0]?.cells ?? [])]];
}

const template = {
  spec: {
    containers: [
      { name: 'a', image: 'i:1' },
      { name: 'b', image: 'i:2' },
    ],
  },
};
const selector = {
  matchLabels: { app: 'x' },
  matchExpressions: [
    { key: 'z', operator: 'DoesNotExist' },
    { key: 'b', operator: 'In', values: ['2', '1'] },
  ],
};
const selectorText = 'app=x,b in (1,2),!z';

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
    'Name Status Roles Age Version | Internal-IP External-IP OS-Image Kernel-Version Container-Runtime',
    [
      'x',
      'NotReady,SchedulingDisabled',
      'control-plane,worker',
      '60s',
      'v1',
      '1',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ],
  ],
  [
    'pods',
    { spec: { nodeName: 'n' }, status: { phase: 'Pending' } },
    'Name Ready Status Restarts Age | IP Node Nominated Node Readiness Gates',
    ['x', '0/0', 'Pending', '0', '60s', '<none>', 'n', '<none>', '<none>'],
  ],
  [
    'services',
    {
      spec: {
        type: 'NodePort',
        clusterIPs: ['9'],
        selector: { b: '2', a: '1' },
        ports: [
          { port: 80, nodePort: 30_000, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    },
    'Name Type Cluster-IP External-IP Port(s) Age | Selector',
    ['x', 'NodePort', '9', '<none>', '80:30000/TCP,53/UDP', '60s', 'a=1,b=2'],
  ],
  [
    'endpoints',
    { subsets: [{ addresses: [{ ip: '1' }, { ip: '2' }], ports: [{ port: 80 }, { port: 81 }] }] },
    'Name Endpoints Age',
    ['x', '1:80,2:80,1:81 + 1 more...', '60s'],
  ],
  [
    'endpointslices',
    {
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'web' }],
      endpoints: [{ addresses: ['1'] }, { addresses: ['2'] }],
    },
    'Name AddressType Ports Endpoints Age',
    ['x', 'IPv4', '80,web', '1,2', '60s'],
  ],
  ['configmaps', { data: { a: '', b: '' }, binaryData: { c: '' } }, 'Name Data Age', ['x', 3, '60s']],
  ['secrets', { type: 'Opaque', data: { a: '' } }, 'Name Type Data Age', ['x', 'Opaque', 1, '60s']],
  ['serviceaccounts', {}, 'Name Secrets Age', ['x', 0, '60s']],
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
    'Last Seen Type Reason Object Message | Subobject Source First Seen Count Name',
    ['10s', 'Warning', 'BackOff', 'pod/p', 'spec', 'kubelet, n', 'again', '50s', '7', 'x'],
  ],
  [
    'deployments',
    { spec: { replicas: 3, selector, template }, status: { readyReplicas: 2, updatedReplicas: 1 } },
    'Name Ready Up-to-date Available Age | Containers Images Selector',
    ['x', '2/3', 1, 0, '60s', 'a,b', 'i:1,i:2', selectorText],
  ],
  [
    'replicasets',
    { spec: { replicas: 3, selector, template }, status: { replicas: 2, readyReplicas: 1 } },
    'Name Desired Current Ready Age | Containers Images Selector',
    ['x', 3, 2, 1, '60s', 'a,b', 'i:1,i:2', selectorText],
  ],
  [
    'daemonsets',
    {
      spec: { selector: {}, template },
      status: { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 1 },
    },
    'Name Desired Current Ready Up-to-date Available Node Selector Age | Containers Images Selector',
    ['x', 2, 2, 1, 0, 0, '<none>', '60s', 'a,b', 'i:1,i:2', '<none>'],
  ],
  ['leases', { spec: { holderIdentity: 'n' } }, 'Name Holder Age', ['x', 'n', '60s']],
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
  [
    'prioritylevelconfigurations',
    { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } } },
    'Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age',
    ['x', 'Limited', '0', '<none>', '<none>', '<none>', '60s'],
  ],
  [
    'clusterrolebindings',
    { roleRef: { kind: 'ClusterRole', name: 'admin' } },
    'Name Role Age',
    ['x', 'ClusterRole/admin', '60s'],
  ],
  ['controllerrevisions', {}, 'Name Age', ['x', '60s']],
])('%s', (plural, fields, columns, cells) => {
  expect(printed(builtIn(plural), fields)).toEqual([columns, cells]);
});

test.each(builtInTypes.map((type) => [type.plural, type] as const))(
  '%s: an object with nothing in it has a cell for every column',
  (_, type) => {
    const [columns, cells] = printed(type, {});
    expect(cells).toHaveLength(toTable(type, []).columnDefinitions.length);
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
    { name: 'Action', type: 'string', jsonPath: '.spec.action', description: 'what' },
    { name: 'Paused', type: 'string', jsonPath: '.status.conditions[?(@.type=="Paused")].status', priority: 1 },
    { name: 'Count', type: 'integer', jsonPath: '.spec.counts[0]' },
    { name: 'Label', type: 'string', jsonPath: String.raw`.metadata.labels.app\.kubernetes\.io/name` },
    { name: 'Quoted', type: 'boolean', jsonPath: `.spec['is it']` },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Missing', type: 'string', jsonPath: '.spec.nothing.there' },
    { name: 'Strange', type: 'string', jsonPath: '.spec..action' },
  ];
  const fields = {
    spec: { action: 'pod-kill', counts: [2.5], 'is it': true },
    status: {
      conditions: [
        { type: 'Other', status: 'no' },
        { type: 'Paused', status: 'False' },
      ],
    },
  };
  const labels = { 'app.kubernetes.io/name': 'web' };
  expect(printed(custom(columns), { ...fields, metadata: { ...metadata, labels } })[1]).toEqual([
    'x',
    'pod-kill',
    'False',
    2,
    'web',
    true,
    '60s',
    null,
    null,
  ]);
});

test('a custom resource without columns has its age', () => {
  expect(printed(custom(), {})).toEqual(['Name Age', ['x', '60s']]);
});

test.each([
  [undefined, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }],
  ['Metadata', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }],
  ['Object', object({ data: { a: '1' } })],
  ['None', undefined],
])('includeObject %s', (includeObject, expected) => {
  expect(toTable(builtIn('configmaps'), [object({ data: { a: '1' } })], { includeObject }).rows[0]?.object).toEqual(
    expected,
  );
});
