import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { jsonPatch, mergePatch } from './json-patch.ts';
import { deepFreeze } from '../testing/objects.ts';

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

test('a key that only contains __proto__ is a key like any other', () => {
  expect(patched({ op: 'add', path: '/my__proto__', value: 1 })).toEqual({ ...object, my__proto__: 1 });
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
  ['remove of an inherited field', { op: 'remove', path: '/constructor' }],
  ['a document that is no object any more', { op: 'replace', path: '', value: 1 }],
  ['no op', { path: '/data/a', value: 'x' }],
  ['an unknown op', { op: 'merge', path: '/data/a', value: 'x' }],
  ['move', { op: 'move', from: '/data/a', path: '/data/b', value: 'x' }],
  ['copy', { op: 'copy', from: '/data/a', path: '/data/b', value: 'x' }],
])('%s is 422', (_, operation) => {
  expect(() => patched(operation)).toThrow(expect.objectContaining({ code: 422, reason: 'Invalid' }));
});

test.each([
  ['no list', { op: 'add' }],
  ['an operation that is no object', ['add']],
  ['no path', [{ op: 'remove' }]],
  ['no value', [{ op: 'add', path: '/a' }]],
  ['a path without a slash', [{ op: 'remove', path: 'kind' }]],
  ['an escape that is none', [{ op: 'remove', path: '/a~2' }]],
  ['a key __proto__', [{ op: 'add', path: '/__proto__/polluted', value: true }]],
])('%s is 400', (_, patch) => {
  expect(() => jsonPatch(object, patch)).toThrow(expect.objectContaining({ code: 400 }));
});

test('what is added can be tested and removed', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (key, value) => {
      const path = `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      // The key __proto__ is refused (above); every other one that is new must do.
      fc.pre(key !== '__proto__' && !Object.hasOwn(object.metadata.annotations ?? {}, key));
      const operations = [
        { op: 'add', path, value },
        { op: 'test', path, value },
        { op: 'remove', path },
      ];
      // -0 is not kept apart from 0 in JSON.
      expect(jsonPatch(object, JSON.parse(JSON.stringify(operations)))).toEqual(object);
    }),
  );
});

const merge = (target: unknown, patch: unknown): unknown => mergePatch(target as KubeObject, patch);

test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j is %j, as in RFC 7386', (target, patch, expected) => {
  expect(merge(deepFreeze(target), deepFreeze(patch))).toEqual(expected);
});

test.each([['text'], [[1]], [null]])('the merge patch %j is 400', (patch) => {
  expect(() => merge({}, patch)).toThrow(expect.objectContaining({ code: 400 }));
});

const json = fc.letrec((tie) => ({
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(1, 'x', null), fc.array(fc.nat(2)), tie('map')),
}));

test('merging twice is merging once, and the empty patch changes nothing', () => {
  fc.assert(
    fc.property(json.map, json.map, (target, patch) => {
      const once = merge(deepFreeze(target), deepFreeze(patch));
      expect(merge(once, patch)).toEqual(once);
      expect(merge(target, {})).toEqual(target);
    }),
  );
});
