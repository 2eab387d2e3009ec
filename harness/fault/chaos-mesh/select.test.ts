import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { fakeApi } from '../testing/fake-api.ts';
import { fakePod } from '../testing/fake-cluster.ts';
import type { PodChaosMode, PodChaosRequest, PodChaosSelector } from './request.ts';
import { selectPods, type Selection } from './select.ts';

const labels = { app: 'x' };
const byLabel: PodChaosSelector = { kind: 'labels', namespaces: ['kube-system'], labels };

async function select(change: Partial<PodChaosRequest>, names = ['c', 'a', 'b', 'd']): Promise<Selection> {
  const api = fakeApi(() => {});
  for (const name of names) api.objects.push(fakePod({ name, node: 'n', container: 'main', labels }));
  api.objects.push(fakePod({ name: 'pending', node: 'n', container: 'main', labels, phase: 'Pending' }));
  const dying = fakePod({ name: 'dying', node: 'n', container: 'main', labels });
  api.objects.push({ ...dying, metadata: { ...dying.metadata, deletionTimestamp: 'now' } });
  api.objects.push(fakePod({ name: 'other', node: 'n', container: 'main', labels: { app: 'y' } }));
  const request: PodChaosRequest = {
    action: 'pod-kill',
    selector: byLabel,
    mode: { kind: 'all' },
    containerNames: [],
    duration: null,
    ...change,
  };
  return await selectPods(request, api, seededRandom(5));
}

const namesOf = ({ pods }: Selection): readonly string[] => pods.map(({ name }) => name);

describe('the pods of a PodChaos', () => {
  it('are those that run and are not being deleted, sorted by name', async () => {
    expect(namesOf(await select({}))).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each<[PodChaosMode, number]>([
    [{ kind: 'one' }, 1],
    [{ kind: 'fixed', count: 3 }, 3],
    [{ kind: 'fixed', count: 9 }, 4],
    [{ kind: 'fixed-percent', percent: 60 }, 2],
  ])('are as many different ones as mode %o asks for', async (mode, count) => {
    const names = namesOf(await select({ mode }));
    expect(new Set(names).size).toBe(count);
    expect(names).toEqual(names.toSorted());
  });

  it('do not depend on the order in which the API lists them', async () => {
    const mode = { kind: 'one' } as const;
    expect(namesOf(await select({ mode }, ['a', 'b', 'c', 'd']))).toEqual(
      namesOf(await select({ mode }, ['d', 'c', 'b', 'a'])),
    );
  });

  it('may be given by name', async () => {
    const selector: PodChaosSelector = { kind: 'names', pods: { 'kube-system': ['other', 'b', 'missing'] } };
    expect(namesOf(await select({ selector }))).toEqual(['b', 'other']);
  });

  it.each<[string, Partial<PodChaosRequest>, string]>([
    ['a share comes to none', { mode: { kind: 'fixed-percent', percent: 10 } }, 'the share of 4 pods comes to none'],
    ['no pod has the container', { containerNames: ['side'] }, 'no pod has a container side; '],
    [
      'no name is there',
      { selector: { kind: 'names', pods: { 'kube-system': ['zzz'] } } },
      'there is no pod of this name',
    ],
    [
      'what matched does not run',
      { selector: { kind: 'names', pods: { 'kube-system': ['pending'] } } },
      'pending matched, but none of them runs',
    ],
    [
      'a label has another key',
      { selector: { ...byLabel, labels: { component: 'y' } } },
      'no pod in kube-system has component=y; other is there, with the labels app=y',
    ],
    ['nothing is like it', { selector: { ...byLabel, labels: { q: 'q' } } }, 'no pod in kube-system has q=q'],
  ])('are none when %s, and it says so', async (_what, change, why) => {
    const selection = await select(change);
    expect(selection.pods).toEqual([]);
    expect(selection.whyNone).toContain(why);
  });
});
