import { resolveIntOrPercent } from '../base/int-or-percent.ts';
import type { DaemonSet, Node, Pod, PodTemplate, Toleration } from '../base/kinds.ts';
import { isAvailable, isFinished, isReady, isTerminating } from '../base/pod-state.ts';
import { matchesNodeAffinity, untolerated } from '../scheduler/node-match.ts';
import { sum } from './rollout.ts';

const revisionLabel = 'controller-revision-hash';

/** Every pod of a DaemonSet tolerates these: it is to run on a node that is not well, too. */
const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const hostNetworkToleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export interface DaemonPlan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

function tolerationsOf({ tolerations = [], hostNetwork }: PodTemplate['spec']): Toleration[] {
  return [...tolerations, ...daemonTolerations, ...(hostNetwork === true ? [hostNetworkToleration] : [])];
}

/** A new pod may start there, and a running one may stay. */
function verdictOn({ spec }: DaemonSet, node: Node): { readonly start: boolean; readonly stay: boolean } {
  const tolerations = tolerationsOf(spec.template.spec);
  const fits = matchesNodeAffinity(spec.template.spec, node);
  return {
    start: fits && untolerated(tolerations, node, ['NoSchedule', 'NoExecute']) === undefined,
    stay: fits && untolerated(tolerations, node, ['NoExecute']) === undefined,
  };
}

/** The template for one node: the scheduler may bind it only there. */
export function templateFor(template: PodTemplate, hash: string, node: string): PodTemplate {
  const onlyThere = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  };
  const { affinity } = template.spec;
  return {
    metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [revisionLabel]: hash } },
    spec: {
      ...template.spec,
      tolerations: tolerationsOf(template.spec),
      affinity: {
        ...affinity,
        nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: onlyThere },
      },
    },
  };
}

/** The node that a pod is for, also before it is bound. */
export function nodeOfPod({ spec }: Pod): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0];
}

function byNode(pods: readonly Pod[]): Map<string | undefined, Pod[]> {
  return Map.groupBy(pods, nodeOfPod);
}

/** One pod on every node that wants one, and what an update takes away (its successor comes when it is gone). */
export function planDaemonSet(
  set: DaemonSet,
  hash: string,
  nodes: readonly Node[],
  pods: readonly Pod[],
  now: Date,
): DaemonPlan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const kept: Pod[] = [];
  const on = byNode(pods);
  let desired = 0;
  for (const node of nodes) {
    const { start, stay } = verdictOn(set, node);
    const here = on.get(node.metadata.name) ?? [];
    on.delete(node.metadata.name);
    desired += start ? 1 : 0;
    const failed = here.filter((pod) => isFinished(pod) && !isTerminating(pod));
    const [first, ...others] = here
      .filter((pod) => !isFinished(pod) && !isTerminating(pod))
      .toSorted((a, b) => age(a) - age(b));
    remove.push(...failed, ...others);
    if (first && !stay) remove.push(first);
    else if (first) kept.push(first);
    else if (start && here.length === 0) create.push(node.metadata.name);
  }
  for (const stray of [...on.values()].flat()) if (!isTerminating(stray)) remove.push(stray);
  return { create, remove: [...remove, ...outdated(set, hash, kept, desired, now)] };
}

function age({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}

/** Old pods that may go now. Those that are not available cost nothing; a node without a pod counts as unavailable. */
function outdated(set: DaemonSet, hash: string, kept: readonly Pod[], desired: number, now: Date): Pod[] {
  const { updateStrategy, minReadySeconds = 0 } = set.spec;
  if (updateStrategy?.type === 'OnDelete') return [];
  const { maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
  const available = kept.filter((pod) => isAvailable(pod, minReadySeconds, now));
  const old = kept.filter(({ metadata }) => metadata.labels?.[revisionLabel] !== hash);
  const budget = Math.max(0, resolveIntOrPercent(maxUnavailable, desired, 'up') - (desired - available.length));
  return [
    ...old.filter((pod) => !available.includes(pod)),
    ...old.filter((pod) => available.includes(pod)).slice(0, budget),
  ];
}

export function daemonSetStatus(
  set: DaemonSet,
  hash: string,
  nodes: readonly Node[],
  pods: readonly Pod[],
  now: Date,
): Readonly<Record<string, number>> {
  const { minReadySeconds = 0 } = set.spec;
  const on = byNode(pods.filter((pod) => !isTerminating(pod)));
  const wanted = nodes.filter((node) => verdictOn(set, node).start);
  const there = wanted.flatMap((node) => (on.get(node.metadata.name) ?? []).slice(0, 1));
  const numberAvailable = there.filter((pod) => isAvailable(pod, minReadySeconds, now)).length;
  const unwanted = nodes.filter((node) => !wanted.includes(node));
  return {
    currentNumberScheduled: there.length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: sum(unwanted, ({ metadata }) => ((on.get(metadata.name) ?? []).length > 0 ? 1 : 0)),
    numberReady: there.filter(isReady).length,
    numberAvailable,
    numberUnavailable: wanted.length - numberAvailable,
    updatedNumberScheduled: there.filter(({ metadata }) => metadata.labels?.[revisionLabel] === hash).length,
    observedGeneration: set.metadata.generation ?? 0,
  };
}
