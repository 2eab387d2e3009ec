import { expect, test } from 'vitest';
import type { DaemonSet, Node, Pod, PodTemplate } from '../base/kinds.ts';
import { daemonSet, node, pod, type PodChange } from '../testing/objects.ts';
import { daemonSetStatus, planDaemonSet } from './daemon-set.ts';
import { templateHash } from './template-hash.ts';

const current = templateHash(daemonSet().spec.template);
const readySince = '2026-01-01T00:00:00Z';
const nodes = [node('cp', { role: 'control-plane' }), node('w1'), node('w2'), node('w3')];

const daemon = (name: string, on: string, hash = current, change: PodChange = { readySince }): Pod =>
  pod(name, { on, ...change, labels: { 'controller-revision-hash': hash } });

function nodeOf({ spec }: PodTemplate): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0];
}

function plan(
  pods: Pod[],
  set: DaemonSet = daemonSet(),
  on: Node[] = nodes,
): { create: (string | undefined)[]; remove: string[] } {
  const { create, remove } = planDaemonSet(set, on, pods);
  return { create: create.map(nodeOf), remove: remove.map(({ metadata }) => metadata.name) };
}

const updating = (maxUnavailable: number | string): DaemonSet =>
  daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable } } });

test('every node that is tolerated and selected gets one pod', () => {
  expect(plan([])).toEqual({ create: ['w1', 'w2', 'w3'], remove: [] });
  const { template } = daemonSet().spec;
  const everywhere = daemonSet({
    template: { ...template, spec: { ...template.spec, tolerations: [{ operator: 'Exists' }] } },
  });
  expect(plan([], everywhere).create).toEqual(['cp', 'w1', 'w2', 'w3']);
  const nowhere = daemonSet({ template: { ...template, spec: { ...template.spec, nodeSelector: { disk: 'ssd' } } } });
  expect(plan([], nowhere).create).toEqual([]);
});

test('a node that is not well or cordoned keeps and gets its pod', () => {
  const taints = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: 'node.kubernetes.io/unreachable', effect }));
  expect(plan([], daemonSet(), [node('w1', { spec: { taints } })]).create).toEqual([]);
  expect(plan([daemon('a', 'w1')], daemonSet(), [node('w1', { spec: { taints } })]).remove).toEqual([]);
  const cordoned = { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] };
  expect(plan([], daemonSet(), [node('w1', { spec: cordoned })]).create).toEqual(['w1']);
});

test('a second pod, a failed one, one that must not stay, and one of a node that is gone are removed', () => {
  const young = { creationTimestamp: '2026-01-01T00:30:00Z' };
  const noExecute = { taints: [{ key: 'gpu', effect: 'NoExecute' }] };
  const pods = [
    daemon('a', 'w1'),
    daemon('b', 'w1', current, { metadata: young }),
    daemon('failed', 'w2', current, { status: { phase: 'Failed' } }),
    daemon('expelled', 'w3'),
    daemon('stray', 'gone'),
  ];
  expect(plan(pods, daemonSet(), [node('w1'), node('w2'), node('w3', { spec: noExecute })])).toEqual({
    create: [],
    remove: ['b', 'failed', 'expelled', 'stray'],
  });
});

test('the successor of a pod comes when it is gone', () => {
  const ending = daemon('a', 'w1', 'old', { metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' } });
  expect(plan([ending], daemonSet(), [node('w1')]).create).toEqual([]);
});

test.each([
  [1, ['a']],
  [2, ['a', 'b']],
  ['34%', ['a', 'b']],
  ['100%', ['a', 'b', 'c']],
])('an update with maxUnavailable %s takes %j', (maxUnavailable, expected) => {
  const pods = [daemon('a', 'w1', 'old'), daemon('b', 'w2', 'old'), daemon('c', 'w3', 'old')];
  expect(plan(pods, updating(maxUnavailable)).remove).toEqual(expected);
});

test('while one is not available no other is taken, but an old one that is not available goes at once', () => {
  const starting = daemon('a', 'w1', current, {});
  expect(plan([starting, daemon('b', 'w2', 'old'), daemon('c', 'w3', 'old')]).remove).toEqual([]);
  const broken = daemon('b', 'w2', 'old', {});
  expect(plan([starting, broken, daemon('c', 'w3', 'old')]).remove).toEqual(['b']);
});

test('a pod that is not bound yet is known by the node that it is for', () => {
  const [template] = planDaemonSet(daemonSet(), [node('w2')], []).create;
  expect(template?.metadata?.labels).toEqual({ app: 'web', 'controller-revision-hash': current });
  expect(
    plan([pod('a', { ...template, labels: { 'controller-revision-hash': current } })], daemonSet(), [node('w2')]),
  ).toEqual({ create: [], remove: [] });
});

test('the status counts nodes, not pods', () => {
  const pods = [daemon('a', 'w1'), daemon('b', 'w2', 'old'), daemon('c', 'cp')];
  expect(daemonSetStatus(daemonSet(), nodes, pods)).toEqual({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 1,
    numberReady: 2,
    numberAvailable: 2,
    numberUnavailable: 1,
    numberMisscheduled: 1,
    observedGeneration: 1,
  });
});
