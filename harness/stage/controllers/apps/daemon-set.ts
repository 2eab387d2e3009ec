import type { Context, Controller } from '../base/context.ts';
import type { DaemonSet, Node, Pod, PodTemplate, Toleration } from '../base/kinds.ts';
import { isActive, isReady, isTerminating, resolveIntOrPercent } from '../base/objects.ts';
import { matchesNodeAffinity, untolerated } from '../scheduler/decide.ts';
import { keepHistory, revisionLabel } from './daemon-set-history.ts';
import { podController, type PodPlan } from './pods.ts';
import { templateHash } from './template-hash.ts';

/** Every pod of a DaemonSet tolerates these: it is to run on a node that is not well, too. */
const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** Keeps one pod of each DaemonSet on every node that it is for. */
export function daemonSetController(context: Context): Controller {
  const nodes = (): Node[] => [...context.copies.nodes.values()];
  const controller = podController(context, {
    name: 'daemonset-controller',
    kind: 'daemonSets',
    prepare: async (set, pods) => await keepHistory(context, set, pods),
    plan: (set, pods) => planDaemonSet(set, nodes(), pods),
    status: (set, pods) => daemonSetStatus(set, nodes(), pods),
  });
  return { ...controller, watches: [...controller.watches, 'controllerRevisions'] };
}

function tolerationsOf({ tolerations = [] }: PodTemplate['spec']): readonly Toleration[] {
  return [...tolerations, ...daemonTolerations];
}

/** A new pod may start there; with only NoExecute among the effects: one that runs may stay. */
function fits({ spec }: DaemonSet, node: Node, effects = ['NoSchedule', 'NoExecute']): boolean {
  const pod = spec.template.spec;
  return matchesNodeAffinity(pod, node) && untolerated(tolerationsOf(pod), node, effects) === undefined;
}

/** The template for one node: the scheduler may bind it only there. */
function templateFor({ metadata, spec }: PodTemplate, hash: string, node: string): PodTemplate {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
  return {
    metadata: { ...metadata, labels: { ...metadata?.labels, [revisionLabel]: hash } },
    spec: { ...spec, tolerations: tolerationsOf(spec), affinity: { ...spec.affinity, nodeAffinity } },
  };
}

/** The node that a pod is for, also before it is bound. */
function nodeOf({ spec }: Pod): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0];
}

/** One pod on every node that wants one, and what an update takes away (its successor comes when it is gone). */
export function planDaemonSet(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): PodPlan {
  const { template } = set.spec;
  const hash = templateHash(template);
  const on = Map.groupBy(pods, nodeOf);
  const create: PodTemplate[] = [];
  const kept = new Set<Pod>();
  let desired = 0;
  for (const node of nodes) {
    const here = on.get(node.metadata.name) ?? [];
    const first = here.find(isActive);
    if (fits(set, node)) desired += 1;
    if (first && fits(set, node, ['NoExecute'])) kept.add(first);
    else if (here.length === 0 && fits(set, node)) create.push(templateFor(template, hash, node.metadata.name));
  }
  const surplus = pods.filter((pod) => !kept.has(pod) && !isTerminating(pod));
  return { create, remove: [...surplus, ...outdated(set, hash, [...kept], desired)] };
}

/** Old pods that may go now. Those that are not ready cost nothing; a node without a pod counts as unavailable. */
function outdated({ spec }: DaemonSet, hash: string, kept: readonly Pod[], desired: number): Pod[] {
  const { maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {};
  const missing = desired - kept.filter(isReady).length;
  const budget = Math.max(0, resolveIntOrPercent(maxUnavailable, desired, 'ceil') - missing);
  const old = kept.filter((pod) => !isUpdated(pod, hash));
  return [...old.filter((pod) => !isReady(pod)), ...old.filter(isReady).slice(0, budget)];
}

function isUpdated({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[revisionLabel] === hash;
}

export function daemonSetStatus(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): object {
  const hash = templateHash(set.spec.template);
  const on = new Map(pods.filter((pod) => !isTerminating(pod)).map((pod) => [nodeOf(pod), pod]));
  const { wanted = [], others = [] } = Object.groupBy(nodes, (node) => (fits(set, node) ? 'wanted' : 'others'));
  const there = wanted.flatMap(({ metadata }) => on.get(metadata.name) ?? []);
  const ready = there.filter(isReady).length;
  return {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: there.length,
    updatedNumberScheduled: there.filter((pod) => isUpdated(pod, hash)).length,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: wanted.length - ready,
    numberMisscheduled: others.filter(({ metadata }) => on.has(metadata.name)).length,
    observedGeneration: set.metadata.generation ?? 0,
  };
}
