import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { jsonPatch } from './json-patch.ts';
import { deepFreeze } from './testing/arbitrary.ts';

const object = deepFreeze<KubeObject>({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', annotations: { 'a/b': '1', 'c~d': '2' } },
  list: [1, 2, 3],
  empty: '',
});

const patched = (...operations: unknown[]): Record<string, unknown> => jsonPatch(object, operations);

test.each([
  ['add a field', { op: 'add', path: '/data', value: { k: 'v' } }, { data: { k: 'v' } }],
  ['add replaces a field that is there', { op: 'add', path: '/kind', value: 'Other' }, { kind: 'Other' }],
  ['add into a list', { op: 'add', path: '/list/1', value: 9 }, { list: [1, 9, 2, 3] }],
  ['add at the end of a list', { op: 'add', path: '/list/-', value: 9 }, { list: [1, 2, 3, 9] }],
  ['add at the index after the last', { op: 'add', path: '/list/3', value: 9 }, { list: [1, 2, 3, 9] }],
  ['add null', { op: 'add', path: '/list/0', value: null }, { list: [null, 1, 2, 3] }],
  ['replace an item', { op: 'replace', path: '/list/0', value: 9 }, { list: [9, 2, 3] }],
  ['remove an item', { op: 'remove', path: '/list/0' }, { list: [2, 3] }],
  ['move', { op: 'move', from: '/list/0', path: '/list/2' }, { list: [2, 3, 1] }],
  ['copy', { op: 'copy', from: '/list', path: '/again' }, { again: [1, 2, 3] }],
  ['test that holds', { op: 'test', path: '/list', value: [1, 2, 3] }, { list: [1, 2, 3] }],
])('%s', (_, operation, expected) => {
  expect(patched(operation)).toEqual({ ...object, ...expected });
});

test('slashes and tildes in keys are escaped', () => {
  const result = patched(
    { op: 'remove', path: '/metadata/annotations/a~1b' },
    { op: 'replace', path: '/metadata/annotations/c~0d', value: '3' },
  );
  expect(result['metadata']).toEqual({ name: 'x', annotations: { 'c~d': '3' } });
});

test('a key __proto__ is a field like any other', () => {
  const result = patched({ op: 'add', path: '/__proto__', value: { polluted: true } });
  expect(Object.hasOwn(result, '__proto__')).toBe(true);
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
});

test.each([
  ['a test that fails', { op: 'test', path: '/kind', value: 'Secret' }],
  ['a test of a field that is not there', { op: 'test', path: '/nothing', value: null }],
  ['remove of a field that is not there', { op: 'remove', path: '/nothing' }],
  ['replace of a field that is not there', { op: 'replace', path: '/nothing', value: 1 }],
  ['add below a field that is not there', { op: 'add', path: '/no/thing', value: 1 }],
  ['add below a text', { op: 'add', path: '/kind/x', value: 1 }],
  ['an index after the end', { op: 'add', path: '/list/4', value: 1 }],
  ['an index with a leading zero', { op: 'remove', path: '/list/01' }],
  ['remove of the end', { op: 'remove', path: '/list/-' }],
  ['move into itself', { op: 'move', from: '/metadata', path: '/metadata/name' }],
  ['copy of an inherited field', { op: 'copy', from: '/constructor', path: '/x' }],
  ['a document that is no object any more', { op: 'replace', path: '', value: 1 }],
])('%s is 422', (_, operation) => {
  expect(() => patched(operation)).toThrow(expect.objectContaining({ code: 422, reason: 'Invalid' }));
});

test.each([
  ['no list', { op: 'add' }],
  ['an operation that is no object', ['add']],
  ['no op', [{ path: '/a', value: 1 }]],
  ['an unknown op', [{ op: 'merge', path: '/a', value: 1 }]],
  ['no path', [{ op: 'remove' }]],
  ['no value', [{ op: 'add', path: '/a' }]],
  ['a path without a slash', [{ op: 'remove', path: 'kind' }]],
  ['an escape that is none', [{ op: 'remove', path: '/a~2' }]],
  ['no from', [{ op: 'move', path: '/a' }]],
])('%s is 400', (_, patch) => {
  expect(() => jsonPatch(object, patch)).toThrow(expect.objectContaining({ code: 400 }));
});

test('more than 10,000 operations are 413', () => {
  const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/empty', value: '' }));
  expect(() => jsonPatch(object, operations)).toThrow(expect.objectContaining({ code: 413 }));
});

test('an object that doubles itself is stopped', () => {
  const operations = Array.from({ length: 60 }, (_, at) => ({ op: 'copy', from: '', path: `/copy${at}` }));
  expect(() => jsonPatch(object, operations)).toThrow('bytes to copy');
});

test('what is added can be tested, moved away, moved back and removed', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (key, value) => {
      const path = `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      fc.pre(!Object.hasOwn(object.metadata.annotations ?? {}, key));
      const operations = [
        { op: 'add', path, value },
        { op: 'test', path, value },
        { op: 'move', from: path, path: '/list/0' },
        { op: 'move', from: '/list/0', path },
        { op: 'remove', path },
      ];
      // -0 is not kept apart from 0 in JSON.
      expect(jsonPatch(object, JSON.parse(JSON.stringify(operations)))).toEqual(object);
    }),
  );
});
