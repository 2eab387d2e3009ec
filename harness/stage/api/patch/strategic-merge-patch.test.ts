import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';
import { deepFreeze } from '../testing/objects.ts';

const pod = deepFreeze<KubeObject>({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { a: '1', b: '2' }, finalizers: ['f/a', 'f/b'] },
  spec: {
    containers: [
      { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }] },
      { name: 'side', image: 'side:1' },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    volumes: [{ name: 'v', emptyDir: {} }],
  },
});

const specOf = (object: KubeObject): Record<string, unknown> => object['spec'] as Record<string, unknown>;
const patchSpec = (spec: unknown): Record<string, unknown> => specOf(strategicMergePatch(pod, { spec }));
const containersAfter = (containers: unknown[], more: object = {}): unknown =>
  patchSpec({ containers, ...more })['containers'];

test('containers are merged by name, what is not named stays', () => {
  const patch = [{ name: 'web', image: 'web:2', env: [{ name: 'B', value: '2' }] }];
  expect(containersAfter(patch)).toEqual([
    {
      name: 'web',
      image: 'web:2',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'side', image: 'side:1' },
  ]);
});

test('a null takes a field away, also in an item', () => {
  expect(containersAfter([{ name: 'web', env: null }])).toEqual([
    { name: 'web', image: 'web:1' },
    { name: 'side', image: 'side:1' },
  ]);
});

test('an item with $patch delete goes, with $patch replace the whole list is new', () => {
  expect(containersAfter([{ name: 'web', $patch: 'delete' }])).toEqual([{ name: 'side', image: 'side:1' }]);
  expect(containersAfter([{ name: 'new' }, { $patch: 'replace' }])).toEqual([{ name: 'new' }]);
});

test('items that are there keep their places, new ones come last, whatever $setElementOrder says', () => {
  const order = { '$setElementOrder/containers': [{ name: 'new' }, { name: 'side' }, { name: 'web' }] };
  const patch = [{ name: 'new' }, { name: 'web', image: 'web:2' }];
  const expected = [{ name: 'web', image: 'web:2' }, { name: 'side' }, { name: 'new' }];
  expect(containersAfter(patch, order)).toMatchObject(expected);
});

test('lists without merge keys are replaced', () => {
  expect(patchSpec({ tolerations: [{ key: 'b' }] })['tolerations']).toEqual([{ key: 'b' }]);
});

test('finalizers are a set: added by the patch, removed by $deleteFromPrimitiveList', () => {
  const patch = { metadata: { finalizers: ['f/c'], '$deleteFromPrimitiveList/finalizers': ['f/a'] } };
  expect(strategicMergePatch(pod, patch).metadata.finalizers).toEqual(['f/b', 'f/c']);
});

test('$retainKeys drops what it does not name', () => {
  const volume = { name: 'v', configMap: { name: 'c' }, $retainKeys: ['name', 'configMap'] };
  expect(patchSpec({ volumes: [volume] })['volumes']).toEqual([{ name: 'v', configMap: { name: 'c' } }]);
});

const labels = (patch: unknown): unknown => strategicMergePatch(pod, { metadata: { labels: patch } }).metadata.labels;

test('$patch replace and delete work on maps', () => {
  expect(labels({ $patch: 'replace', c: '3' })).toEqual({ c: '3' });
  expect(labels({ $patch: 'delete' })).toEqual({});
});

test('ports of a Service are merged by their number alone', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80, name: 'a' }] },
  };
  const result = strategicMergePatch(service, { spec: { ports: [{ port: 80, targetPort: 8080 }, { port: 81 }] } });
  expect(specOf(result)['ports']).toEqual([{ port: 80, name: 'a', targetPort: 8080 }, { port: 81 }]);
});

test.each([
  ['an item without its merge key', { spec: { containers: [{ image: 'x' }] } }, 422],
  ['an unknown directive', { metadata: { labels: { $patch: 'merge' } } }, 400],
  ['an unknown directive in a list', { spec: { containers: [{ name: 'web', $patch: 'keep' }] } }, 400],
  ['a directive that needs a list', { spec: { '$deleteFromPrimitiveList/containers': 'web' } }, 400],
  ['a patch that is no object', [], 400],
])('%s is refused', (_, patch, code) => {
  expect(() => strategicMergePatch(pod, patch)).toThrow(expect.objectContaining({ code }));
});
