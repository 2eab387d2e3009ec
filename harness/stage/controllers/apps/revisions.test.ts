import { expect, test } from 'vitest';
import { deployment, replicaSet } from '../testing/objects.ts';
import { inheritedAnnotations, newReplicaSet, nextRevision, surplusSets } from './revisions.ts';

const empty = (name: string, revision: number) => replicaSet(name, 0, {}, revision);

test('a new template, and one that is used again, get the next revision', () => {
  expect(nextRevision(undefined, [])).toBe(1);
  expect(nextRevision(undefined, [empty('a', 1), empty('b', 4)])).toBe(5);
  expect(nextRevision(replicaSet('a', 2, {}, 1), [empty('b', 2)])).toBe(3);
  expect(nextRevision(replicaSet('a', 2, {}, 3), [empty('b', 2)])).toBe(3);
});

test('a set is told from others by the hash, in its name, labels, selector and pods', () => {
  const set = newReplicaSet(deployment(), 'abc', 2, 3);
  const labels = { app: 'web', 'pod-template-hash': 'abc' };
  expect(set).toMatchObject({
    metadata: { name: 'web-abc', namespace: 'x', labels, ownerReferences: [{ kind: 'Deployment', controller: true }] },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
});

test('sets inherit annotations, but not what kubectl last applied', () => {
  const web = deployment();
  const annotations = { 'kubernetes.io/change-cause': 'why', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  const annotated = { ...web, metadata: { ...web.metadata, annotations } };
  expect(inheritedAnnotations(annotated, 2)).toEqual({
    'kubernetes.io/change-cause': 'why',
    'deployment.kubernetes.io/revision': '2',
  });
});

test('of the empty sets the oldest revisions go, beyond the limit', () => {
  const sets = [empty('c', 3), empty('a', 1), empty('b', 2), replicaSet('busy', 1, { replicas: 1 }, 0)];
  const names = (limit: number) =>
    surplusSets(deployment({ revisionHistoryLimit: limit }), sets).map(({ metadata }) => metadata.name);
  expect(names(1)).toEqual(['a', 'b']);
  expect(names(0)).toEqual(['a', 'b', 'c']);
  expect(surplusSets(deployment(), sets)).toEqual([]);
});
