import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference, intersection, isFieldsV1, memberWith, pathsOf, union, type FieldsV1 } from './field-set.ts';

/** Small trees in which both kinds of members occur. */
const fields: fc.Arbitrary<FieldsV1> = fc.letrec<{ tree: FieldsV1; node: FieldsV1 }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom('f:a', 'f:b', 'v:"x"', 'k:{"n":1}'), tie('node'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'fields' },
    fc.constant({}),
    fc.tuple(fc.boolean(), tie('tree')).map(([member, children]) => (member ? memberWith(children) : children)),
  ),
})).tree;

const members = (tree: FieldsV1): Set<string> => new Set(pathsOf(tree));

test('union, difference and intersection are those of the members', () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const [inA, inB] = [members(a), members(b)];
      expect(members(union(a, b))).toEqual(new Set([...inA, ...inB]));
      expect(members(difference(a, b))).toEqual(new Set([...inA].filter((path) => !inB.has(path))));
      expect(members(intersection(a, b))).toEqual(new Set([...inA].filter((path) => inB.has(path))));
    }),
  );
});

test('paths read as in the messages of the API server: members of a level before what is below it', () => {
  const tree = {
    'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } },
    'f:metadata': { 'f:finalizers': { 'v:"f/a"': {} } },
    'f:data': {},
  };
  expect(pathsOf(tree)).toEqual([
    '.data',
    '.metadata.finalizers[="f/a"]',
    '.spec.ports[port=80,protocol="TCP"]',
    '.spec.ports[port=80,protocol="TCP"].name',
  ]);
});

test.each([['text'], [{ 'f:a': 1 }], [{ 'f:a': [] }], [null], [{ constructor: {} }], [JSON.parse('{"__proto__":{}}')]])(
  '%j is no set of fields',
  (value) => {
    expect(isFieldsV1(value)).toBe(false);
  },
);
