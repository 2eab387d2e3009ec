import { describe, expect, test } from 'vitest';
import type { Node, Pod, PodSpec, SpreadConstraint } from '../base/kinds.ts';
import { node, pod } from '../testing/objects.ts';
import { decide } from './decide.ts';

const workers = [node('w1'), node('w2')];
const all = [node('cp', { role: 'control-plane' }), ...workers];

/** The node's name, or the message. */
function decided(which: Pod, nodes: Node[], ...there: Pod[]): string {
  const decision = decide(
    which,
    nodes,
    Map.groupBy(there, ({ spec }) => spec.nodeName),
  );
  return 'node' in decision ? decision.node : decision.message;
}

const withSpec = (spec: Partial<PodSpec>): Pod => pod('new', { spec });
const required = (key: string, operator: string, ...values: string[]): NonNullable<PodSpec['affinity']> => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
    },
  },
});

describe('filters', () => {
  test('without nodes there is nothing to say but that', () => {
    expect(decided(pod('new'), [])).toBe('no nodes available to schedule pods');
  });

  test('taints keep pods away that do not tolerate them', () => {
    expect(decided(pod('new'), [node('cp', { role: 'control-plane' })])).toBe(
      '0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.',
    );
    const tolerations = [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }];
    expect(decided(withSpec({ tolerations }), [node('cp', { role: 'control-plane' })])).toBe('cp');
  });

  test('a cordoned node takes nothing, also before it is tainted', () => {
    expect(decided(pod('new'), [node('w', { spec: { unschedulable: true } })])).toBe(
      '0/1 nodes are available: 1 node(s) were unschedulable.',
    );
  });

  test.each([
    ['In', ['a', 'b'], 'w1'],
    ['NotIn', ['a'], 'w2'],
    ['Exists', [], 'w1'],
    ['DoesNotExist', [], 'w2'],
  ])('node affinity with %s %j chooses %s', (operator, values, expected) => {
    const nodes = [node('w1', { labels: { zone: 'a' } }), node('w2')];
    expect(decided(withSpec({ affinity: required('zone', operator, ...values) }), nodes)).toBe(expected);
  });

  test('a field of the node can be asked for, as DaemonSets do', () => {
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['w2'] }] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
    expect(decided(withSpec({ affinity }), all)).toBe('w2');
  });

  test('every reason is counted', () => {
    expect(decided(withSpec({ nodeSelector: { disk: 'ssd' } }), all)).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, ' +
        "2 node(s) didn't match Pod's node affinity/selector.",
    );
  });

  test('required affinity to pods is refused, and says so', () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } };
    expect(decided(withSpec({ affinity }), workers)).toContain('2 node(s) cannot be chosen by required pod');
  });
});

function constraint(change: Partial<SpreadConstraint> = {}): Partial<PodSpec> {
  const byHost: SpreadConstraint = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'web' } },
  };
  return { topologySpreadConstraints: [{ ...byHost, ...change }] };
}

describe('spread', () => {
  test('a node may not be ahead of the emptiest one by more than the skew', () => {
    const busy = [node('w1'), node('w2', { spec: { unschedulable: true } })];
    expect(decided(withSpec(constraint()), busy, pod('a', { on: 'w1' }))).toContain(
      "1 node(s) didn't match pod topology spread constraints",
    );
    expect(decided(withSpec(constraint({ maxSkew: 2 })), busy, pod('a', { on: 'w1' }))).toBe('w1');
    expect(decided(withSpec(constraint()), workers, pod('a', { on: 'w1' }), pod('b', { on: 'w1' }))).toBe('w2');
  });

  test('nodes that the pod may not use do not count as empty', () => {
    const affinity = required('node-role.kubernetes.io/control-plane', 'DoesNotExist');
    const there = [pod('a', { on: 'w1' }), pod('b', { on: 'w2' })];
    expect(decided(withSpec({ ...constraint(), affinity }), all, ...there)).toBe('w1');
  });

  test('pods that end, of other labels or other namespaces do not count', () => {
    const ending = pod('a', { on: 'w1', metadata: { deletionTimestamp: 'x' } });
    const other = pod('b', { on: 'w1', labels: { app: 'other' } });
    const foreign = pod('c', { on: 'w1', metadata: { namespace: 'y' } });
    const only = [node('w1'), node('w2', { spec: { unschedulable: true } })];
    expect(decided(withSpec(constraint()), only, ending, other, foreign)).toBe('w1');
  });

  test('with matchLabelKeys only pods of the same template count, so that a rollout can go on', () => {
    const spec = constraint({ matchLabelKeys: ['pod-template-hash'] });
    const fresh = pod('new', { spec, labels: { 'pod-template-hash': '2' } });
    const only = [node('w1'), node('w2', { spec: { unschedulable: true } })];
    expect(decided(fresh, only, pod('a', { on: 'w1', labels: { 'pod-template-hash': '1' } }))).toBe('w1');
    expect(decided(fresh, only, pod('a', { on: 'w1', labels: { 'pod-template-hash': '2' } }))).toContain('spread');
  });

  test('a node without the topology key is out of the question, or only worse', () => {
    const bare = { ...node('w1'), metadata: { name: 'w1' } };
    expect(decided(withSpec(constraint()), [bare])).toContain('(missing required label)');
    const soft = withSpec(constraint({ whenUnsatisfiable: 'ScheduleAnyway' }));
    expect(decided(soft, [bare, node('w2')])).toBe('w2');
    expect(decided(soft, [bare])).toBe('w1');
  });

  test('soft spread decides before the number of pods', () => {
    const soft = withSpec(constraint({ whenUnsatisfiable: 'ScheduleAnyway' }));
    const others = ['a', 'b'].map((name) => pod(name, { on: 'w2', labels: { app: 'other' } }));
    expect(decided(soft, workers, pod('c', { on: 'w1' }), ...others)).toBe('w2');
  });
});

describe('scores', () => {
  test('of nodes that fit the emptiest is best, and among equals the first by name', () => {
    expect(decided(pod('new'), workers, pod('a', { on: 'w1' }))).toBe('w2');
    expect(decided(pod('new'), workers.toReversed())).toBe('w1');
  });

  test('pods of one owner spread before that', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'X', name: 'o', uid: 'o', controller: true }];
    const sibling = pod('a', { on: 'w1', metadata: { ownerReferences } });
    const others = ['b', 'c'].map((name) => pod(name, { on: 'w2' }));
    expect(decided(pod('new', { metadata: { ownerReferences } }), workers, sibling, ...others)).toBe('w2');
  });
});
