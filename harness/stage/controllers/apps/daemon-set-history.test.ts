import { expect, test } from 'vitest';
import type { ControllerRevision } from '../base/kinds.ts';
import { daemonSet, pod } from '../testing/objects.ts';
import { planHistory, revisionLabel } from './daemon-set-history.ts';
import { templateHash } from './template-hash.ts';

const current = templateHash(daemonSet().spec.template);

const revisionOf = (hash: string, revision: number): ControllerRevision => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name: `web-${hash}`, namespace: 'x', labels: { [revisionLabel]: hash } },
  data: {},
  revision,
});

const old = (...numbers: number[]): ControllerRevision[] => numbers.map((number) => revisionOf(`h${number}`, number));

test.each([
  ['the first template is revision 1', [], 1],
  ['a new template is the newest', old(3, 7), 8],
  ['a template that is the newest keeps its number', [...old(3), revisionOf(current, 4)], 4],
  ['a template that is used again becomes the newest', [revisionOf(current, 1), ...old(2, 3)], 4],
])('%s', (_what, revisions, expected) => {
  const plan = planHistory(daemonSet(), revisions, []);
  expect(plan.revision).toBe(expected);
  expect(plan.current).toBe(revisions.find(({ metadata }) => metadata.name === `web-${current}`));
});

/** Numbers of the revisions that go, of 12 old ones, when there are pods of those templates. */
function removed(revisionHistoryLimit: number | undefined, ...used: string[]): number[] {
  const set = daemonSet(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit });
  const pods = used.map((hash) => pod(hash, { labels: { [revisionLabel]: hash } }));
  const revisions = [revisionOf(current, 20), ...old(12, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)];
  return planHistory(set, revisions, pods).remove.map(({ revision }) => revision);
}

test('more than the limit go, the oldest first, but never one that a pod is of', () => {
  expect(removed(undefined)).toEqual([1, 2]);
  expect(removed(9)).toEqual([1, 2, 3]);
  expect(removed(9, 'h1', 'h3')).toEqual([2, 4, 5]);
  expect(removed(0, 'h12')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});
