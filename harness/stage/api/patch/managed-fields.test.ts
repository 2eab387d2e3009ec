import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { recordUpdate, type ManagedFields } from './server-side-apply.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function configMap(data: Record<string, string>, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'd', ...metadata }, data };
}

/** Writes one version after another, each by its manager, a second apart. */
function write(...versions: [manager: string, object: KubeObject, subresource?: string][]): KubeObject {
  let stored: KubeObject | undefined;
  for (const [second, [manager, after, subresource]] of versions.entries()) {
    stored = recordUpdate(stored, after, { manager, subresource: subresource ?? '', now: at(second) });
  }
  return stored ?? configMap({});
}

const entriesOf = (object: KubeObject): ManagedFields[] => (object.metadata.managedFields ?? []) as ManagedFields[];
const managersOf = (object: KubeObject): string[] => entriesOf(object).map(({ manager }) => manager);

test('who creates an object owns everything in it but its identity', () => {
  const object = configMap(
    { k: 'v' },
    { labels: { a: '1' }, uid: 'u', resourceVersion: '1', creationTimestamp: 'now' },
  );
  expect(entriesOf(write(['creator', object]))).toEqual([
    {
      manager: 'creator',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:k': {} }, 'f:metadata': { 'f:labels': { 'f:a': {} } } },
    },
  ]);
});

test('the fields of a Deployment are written as kubectl shows them, leaf by leaf', () => {
  const container = {
    name: 'web',
    image: 'i',
    ports: [{ containerPort: 80 }],
    env: [{ name: 'A', value: '1' }],
    args: ['x'],
  };
  const spec = {
    replicas: 1,
    selector: { matchLabels: { a: '1' } },
    strategy: { type: 'Recreate' },
    template: {
      metadata: { labels: { a: '1' } },
      spec: { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] },
    },
  };
  const stored = write(['c', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec }]);
  expect(entriesOf(stored)[0]?.fieldsV1).toEqual({
    'f:spec': {
      'f:replicas': {},
      'f:selector': {},
      'f:strategy': { 'f:type': {} },
      'f:template': {
        'f:metadata': { 'f:labels': { 'f:a': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"web"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:args': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            },
          },
          'f:volumes': { 'k:{"name":"v"}': { '.': {}, 'f:name': {}, 'f:emptyDir': {} } },
        },
      },
    },
  });
});

test('a custom resource has no merged lists but in its metadata', () => {
  const object = {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'PodChaos',
    metadata: { name: 'x', finalizers: ['f/a'] },
  };
  const stored = write(['c', { ...object, spec: { selector: { namespaces: ['a'] }, containers: [{ name: 'a' }] } }]);
  expect(entriesOf(stored)[0]?.fieldsV1).toEqual({
    'f:metadata': { 'f:finalizers': { 'v:"f/a"': {} } },
    'f:spec': { 'f:containers': {}, 'f:selector': { 'f:namespaces': {} } },
  });
});

test('who changes a field takes it from the others, and who has none left is gone', () => {
  const stored = write(['a', configMap({ k: '1', l: '1' })], ['b', configMap({ k: '2', l: '1' })]);
  expect(entriesOf(stored).map(({ fieldsV1 }) => fieldsV1)).toEqual([
    { 'f:data': { 'f:l': {} } },
    { 'f:data': { 'f:k': {} } },
  ]);
  expect(managersOf(write(['a', configMap({ k: '1' })], ['b', configMap({})], ['c', configMap({ m: '1' })]))).toEqual([
    'c',
  ]);
});

test('a write that changes nothing leaves the entries and their times as they are', () => {
  const first = write(['a', configMap({ k: '1' })]);
  const { managedFields } = first.metadata;
  const again = recordUpdate(first, first, { manager: 'b', subresource: '', now: at(9) });
  expect(again.metadata.managedFields).toEqual(managedFields);
});

const node = (status: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: { podCIDR: 'x' },
  status,
});

test('writes to a subresource have an entry of their own', () => {
  const stored = write(
    ['kubelet', node({})],
    ['kubelet', node({ conditions: [{ type: 'Ready', status: 'True' }] }), 'status'],
  );
  expect(entriesOf(stored)).toMatchObject([
    { manager: 'kubelet' },
    {
      manager: 'kubelet',
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } } } },
    },
  ]);
});

test('a client may write entries of its own, but not through a subresource', () => {
  const own = {
    manager: 'own',
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:k': {} } },
  };
  const sent = configMap({ k: '1' }, { managedFields: [own] });
  expect(managersOf(write(['a', configMap({ k: '1' })], ['b', sent]))).toEqual(['own']);
  expect(managersOf(write(['a', configMap({ k: '1' })], ['b', sent, 'status']))).toEqual(['a']);
});

test.each([
  ['an operation that does not exist', { operation: 'Patch' }],
  ['no apiVersion', { apiVersion: '' }],
  ['fields that are no tree', { fieldsV1: null }],
])('entries with %s are ignored', (_, wrong) => {
  const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {}, ...wrong };
  const stored = write(['a', configMap({ k: '1' })], ['b', configMap({ k: '1' }, { managedFields: [entry] })]);
  expect(managersOf(stored)).toEqual(['a']);
});
