import { expect, test } from 'vitest';
import { pod } from '../testing/objects.ts';
import { OwnerGraph } from './owner-graph.ts';

const owned = (name: string, ...owners: string[]) =>
  pod(name, {
    metadata: { ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'Pod', name: uid, uid })) },
  });

test('dependents are found by their owner, until they are let go or gone', () => {
  const graph = new OwnerGraph();
  const owner = pod('owner');
  graph.set('pods x/a', owned('a', 'uid-owner'));
  graph.set('pods x/b', owned('b', 'uid-owner', 'uid-other'));
  expect(graph.dependentsOf(owner)).toEqual(['pods x/a', 'pods x/b']);
  graph.set('pods x/a', owned('a'));
  expect(graph.dependentsOf(owner)).toEqual(['pods x/b']);
  graph.set('pods x/b', undefined);
  expect(graph.dependentsOf(owner)).toEqual([]);
});

test('an object is there by its uid: a namesake is another one', () => {
  const graph = new OwnerGraph();
  graph.set('pods x/a', pod('a'));
  expect(graph.keysOf('uid-a')).toEqual(['pods x/a']);
  graph.set('pods x/a', pod('a', { metadata: { uid: 'new' } }));
  expect(graph.keysOf('uid-a')).toEqual([]);
  expect(graph.keysOf('new')).toEqual(['pods x/a']);
});
