import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bySchemaOrder, distinguish, matchesSchema } from './match.ts';
import { flowRequest, serviceAccount } from './testing/world.ts';
import type { FlowRequest } from './types.ts';

const anything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
const jane = { kind: 'User', user: { name: 'jane' } };

function schema(spec: unknown, name = 'mine') {
  return { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name }, spec };
}

function matches(rule: unknown, request: Partial<FlowRequest> = {}): boolean {
  return matchesSchema(schema({ rules: [rule] }), flowRequest(request));
}

describe('a subject', () => {
  test.each<[string, unknown, Partial<FlowRequest>, boolean]>([
    ['user by name', jane, {}, true],
    ['another user', jane, { user: 'joe' }, false],
    ['any user', { kind: 'User', user: { name: '*' } }, { user: 'joe' }, true],
    ['a group', { kind: 'Group', group: { name: 'devs' } }, { groups: ['a', 'devs'] }, true],
    ['another group', { kind: 'Group', group: { name: 'devs' } }, { groups: ['a'] }, false],
    ['any group', { kind: 'Group', group: { name: '*' } }, { groups: [] }, true],
    [
      'an account',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } },
      serviceAccount('a', 'b'),
      true,
    ],
    [
      'another account',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } },
      serviceAccount('a', 'c'),
      false,
    ],
    [
      'all accounts of a namespace',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } },
      serviceAccount('a', 'c'),
      true,
    ],
    [
      'those of another',
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } },
      serviceAccount('ab', 'c'),
      false,
    ],
    ['an unknown kind', { kind: 'Robot', user: { name: 'jane' } }, {}, false],
  ])('that is %s: %o with %o → %s', (_name, subject, request, expected) => {
    expect(matches({ subjects: [subject], resourceRules: [anything] }, request)).toBe(expected);
  });
});

describe('a rule for resources', () => {
  test.each<[string, object, Partial<FlowRequest>, boolean]>([
    ['wants its verb', { verbs: ['list'] }, { verb: 'get' }, false],
    ['wants its group', { apiGroups: ['apps'] }, { apiGroup: '' }, false],
    ['wants its resource', { resources: ['nodes'] }, {}, false],
    ['means a subresource by name', { resources: ['pods/log'] }, { subresource: 'log' }, true],
    ['does not mean subresources otherwise', { resources: ['pods'] }, { subresource: 'log' }, false],
    ['means all subresources by a star', { resources: ['*'] }, { subresource: 'log' }, true],
    ['wants its namespace', { namespaces: ['b'] }, { namespace: 'a' }, false],
    ['takes its namespace', { namespaces: ['a'], clusterScope: false }, { namespace: 'a' }, true],
    ['takes cluster scope only where it says so', { clusterScope: false }, { namespace: '' }, false],
    ['takes no other paths', {}, { resource: '', path: '/metrics' }, false],
  ])('%s: %o with %o → %s', (_name, rule, request, expected) => {
    expect(matches({ subjects: [jane], resourceRules: [{ ...anything, ...rule }] }, request)).toBe(expected);
  });
});

test.each([
  ['/healthz', '/healthz', true],
  ['/healthz', '/healthz/ping', false],
  ['/healthz/*', '/healthz/ping', true],
  ['*', '/anything', true],
])('the path rule %s takes %s: %s', (url, path, expected) => {
  const rule = { subjects: [jane], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [url] }] };
  expect(matches(rule, { resource: '', path })).toBe(expected);
});

test('a flow is told apart by user, by namespace or not at all', () => {
  const request = flowRequest({ user: 'jane', namespace: 'a' });
  expect(distinguish(schema({ distinguisherMethod: { type: 'ByUser' } }), request)).toBe('jane');
  expect(distinguish(schema({ distinguisherMethod: { type: 'ByNamespace' } }), request)).toBe('a');
  expect(distinguish(schema({}), request)).toBe('');
});

test('schemas stand in order of precedence, then of name; 1000 where none is given', () => {
  const named = [schema({}, 'c'), schema({ matchingPrecedence: 1_000 }, 'b'), schema({ matchingPrecedence: 7 }, 'd')];
  expect(named.toSorted(bySchemaOrder).map(({ metadata }) => metadata.name)).toEqual(['d', 'b', 'c']);
});

test('no specification, however odd, stops the server', () => {
  const odd = fc.dictionary(
    fc.constantFrom(
      'rules',
      'subjects',
      'resourceRules',
      'nonResourceRules',
      'verbs',
      'kind',
      'user',
      'distinguisherMethod',
    ),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.anything(), odd, odd, (spec, outer, rule) => {
      const request = flowRequest();
      expect(matchesSchema(schema(spec), request)).toBe(false);
      expect(typeof matchesSchema(schema({ ...outer, rules: [rule] }), request)).toBe('boolean');
    }),
  );
});
