import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { mergePatch } from './merge-patch.ts';
import { deepFreeze } from './testing/arbitrary.ts';

const merge = (object: unknown, patch: unknown): unknown => mergePatch(object as KubeObject, patch);

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
])('%j with %j is %j, as in RFC 7386', (object, patch, expected) => {
  expect(merge(deepFreeze(object), deepFreeze(patch))).toEqual(expected);
});

test.each([['text'], [[1]], [null]])('the patch %j is 400', (patch) => {
  expect(() => merge({}, patch)).toThrow(expect.objectContaining({ code: 400 }));
});

test('a key __proto__ is a field like any other', () => {
  const result = merge({}, JSON.parse('{"__proto__": {"polluted": true}}'));
  expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
  expect('polluted' in {}).toBe(false);
});

const json = fc.letrec((tie) => ({
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(1, 'x', null), fc.array(fc.nat(2)), tie('map')),
}));

test('merging twice is merging once, and the empty patch changes nothing', () => {
  fc.assert(
    fc.property(json.map, json.map, (object, patch) => {
      const once = merge(deepFreeze(object), deepFreeze(patch));
      expect(merge(once, patch)).toEqual(once);
      expect(merge(object, {})).toEqual(object);
    }),
  );
});
