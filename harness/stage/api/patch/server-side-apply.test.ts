import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus } from '../status.ts';
import { recordUpdate, serverSideApply, type ManagedFields } from './server-side-apply.ts';

const now = new Date('2026-01-01T00:00:00Z');

function configMap(data: object | undefined, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata }, ...(data && { data }) };
}

interface Options {
  readonly force?: boolean;
  readonly subresource?: string;
  readonly now?: Date;
}

function apply(live: KubeObject | undefined, manager: string, applied: KubeObject, options: Options = {}): KubeObject {
  const { force = false, ...rest } = options;
  return serverSideApply(live, applied, { manager, subresource: '', now, ...rest }, force);
}

function update(before: KubeObject | undefined, manager: string, after: KubeObject): KubeObject {
  return recordUpdate(before, after, { manager, subresource: '', now });
}

function refusalOf(call: () => unknown): ApiStatus {
  try {
    call();
  } catch (problem) {
    if (problem instanceof ApiStatus) return problem;
    throw problem;
  }
  throw new Error('it was not refused');
}

const entriesOf = (object: KubeObject): ManagedFields[] => object.metadata.managedFields as ManagedFields[];
const managersOf = (object: KubeObject): string[] =>
  entriesOf(object).map(({ manager, operation }) => `${manager} ${operation}`);

test('an apply creates the object and owns what it sent', () => {
  const created = apply(undefined, 'a', configMap({ k: '1' }, { labels: { l: '1' } }));
  expect(created).toEqual({
    ...configMap({ k: '1' }),
    metadata: {
      name: 'x',
      labels: { l: '1' },
      managedFields: [
        {
          manager: 'a',
          operation: 'Apply',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:k': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
        },
      ],
    },
  });
});

test('the same apply again is the object itself', () => {
  const created = apply(undefined, 'a', configMap({ k: '1' }));
  expect(apply(created, 'a', configMap({ k: '1' }), { now: new Date('2030-01-01') })).toBe(created);
});

test('what an applier no longer sends goes, unless somebody else owns it', () => {
  const both = apply(undefined, 'a', configMap({ mine: '1', shared: '1' }));
  const shared = apply(both, 'b', configMap({ shared: '1' }));
  const dropped = apply(shared, 'a', configMap(undefined, { labels: { l: '1' } }));
  expect(dropped['data']).toEqual({ shared: '1' });
  expect(managersOf(dropped)).toEqual(['a Apply', 'b Apply']);
  expect(apply(dropped, 'b', configMap(undefined))).not.toHaveProperty('data');
});

test('what nobody applied stays', () => {
  const created = apply(undefined, 'a', configMap({ k: '1' }));
  const defaulted = { ...created, immutable: false };
  expect(apply(defaulted, 'a', configMap({ l: '1' }))).toMatchObject({ immutable: false, data: { l: '1' } });
});

test('a conflict names the manager and the field, as a cause too', () => {
  const created = update(undefined, 'kubectl-edit', configMap({ k: '1' }));
  const refusal = refusalOf(() => apply(created, 'a', configMap({ k: '2' })));
  expect(refusal.toObject()).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.k',
    details: {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using v1', field: '.data.k' }],
    },
  });
});

test('several conflicts are told manager by manager', () => {
  const created = apply(undefined, 'b', configMap({ k: '1', l: '1' }));
  const status = update(created, 'a', configMap({ k: '1', l: '1', m: '1' }, created.metadata));
  const refusal = refusalOf(() => apply(status, 'c', configMap({ k: '2', l: '2', m: '2' })));
  expect(refusal.message).toBe(
    'Apply failed with 3 conflicts: conflicts with "b":\n- .data.k\n- .data.l\nconflicts with "a" using v1:\n- .data.m',
  );
});

test('with force the fields change hands', () => {
  const created = apply(undefined, 'b', configMap({ k: '1' }));
  const forced = apply(created, 'a', configMap({ k: '2' }), { force: true });
  expect(forced['data']).toEqual({ k: '2' });
  expect(managersOf(forced)).toEqual(['a Apply']);
});

test('applies and updates of one name are two managers', () => {
  const created = update(undefined, 'a', configMap({ k: '1' }));
  expect(refusalOf(() => apply(created, 'a', configMap({ k: '2' }))).code).toBe(409);
  expect(managersOf(apply(created, 'a', configMap({ k: '1' })))).toEqual(['a Apply', 'a Update']);
});

test('applies to a subresource have an entry of their own', () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
  const created = apply(undefined, 'a', { ...node, spec: { podCIDR: 'x' } });
  const status = apply(created, 'a', { ...node, status: { phase: 'p' } }, { subresource: 'status' });
  expect(entriesOf(status)).toMatchObject([{ manager: 'a' }, { manager: 'a', subresource: 'status' }]);
  expect(status).toMatchObject({ spec: { podCIDR: 'x' }, status: { phase: 'p' } });
});

const pod = (...names: string[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x' },
  spec: { containers: names.map((name) => ({ name })) },
});

const namesIn = (object: KubeObject): string[] =>
  (object['spec'] as { containers: { name: string }[] }).containers.map(({ name }) => name);

test('items of lists keep their places, and new ones come last', () => {
  const live = update(undefined, 'u', pod('a', 'b', 'c'));
  const applied = apply(live, 'm', pod('d', 'a'));
  expect(namesIn(applied)).toEqual(['a', 'b', 'c', 'd']);
  expect(namesIn(apply(applied, 'm', pod('a')))).toEqual(['a', 'b', 'c']);
});

const slice = (...endpoints: object[]): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'x' },
  endpoints,
});

test('sets and atomic lists: members are owned one by one, an atomic list as a whole', () => {
  const meta = (...finalizers: string[]): KubeObject => configMap(undefined, { finalizers });
  const two = apply(apply(undefined, 'a', meta('f/a')), 'b', meta('f/b'));
  expect(two.metadata.finalizers).toEqual(['f/a', 'f/b']);
  expect(apply(two, 'a', configMap(undefined)).metadata.finalizers).toEqual(['f/b']);
  const live = apply(undefined, 'a', slice({ addresses: ['1'] }));
  expect(refusalOf(() => apply(live, 'b', slice({ addresses: ['2'] }))).message).toContain('.endpoints');
});

const podWith = (emptyDir: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x' },
  spec: { volumes: [{ name: 'v', emptyDir }] },
});

test('an empty map is owned, and stays when what was in it goes', () => {
  const created = apply(undefined, 'a', podWith({ medium: 'Memory' }));
  expect(apply(created, 'a', podWith({}))).toMatchObject({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } });
});

test('an applied resourceVersion comes through, so that it can be checked', () => {
  const created = apply(undefined, 'a', configMap({ k: '1' }, { resourceVersion: '7' }));
  expect(apply(created, 'a', configMap({ k: '2' }, { resourceVersion: '5' })).metadata.resourceVersion).toBe('5');
});

test.each([
  ['managedFields', configMap({}, { managedFields: [{}] }), 400, 'must be nil'],
  [
    'an item without its key',
    { ...configMap(undefined), kind: 'Pod', spec: { containers: [{ image: 'i' }] } },
    422,
    'key fields name',
  ],
  [
    'an item that comes twice',
    { ...configMap(undefined), kind: 'Pod', spec: { containers: [{ name: 'a' }, { name: 'a' }] } },
    422,
    'duplicate',
  ],
])('an apply with %s is refused', (_, applied, code, message) => {
  const refusal = refusalOf(() => apply(undefined, 'a', applied));
  expect(refusal.code).toBe(code);
  expect(refusal.message).toContain(message);
});
