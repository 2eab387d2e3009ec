import type { Node, Pod, PodSpec, SpreadConstraint, Taint, Toleration } from '../base/kinds.ts';
import { compareRanks, controllerOf, isTerminating, matchesSelector, meets } from '../base/objects.ts';

/** The pods of each node, also those that were bound a moment ago. */
export type Placement = ReadonlyMap<string | undefined, readonly Pod[]>;

const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** The best node for a pod, or why there is none, in the real scheduler's words. */
export function decide(pod: Pod, nodes: readonly Node[], placement: Placement): { node: string } | { message: string } {
  if (nodes.length === 0) return { message: 'no nodes available to schedule pods' };
  const constraints = pod.spec.topologySpreadConstraints ?? [];
  const spreads = constraints.map((constraint) => spreadOf(pod, constraint, nodes, placement));
  const objections = nodes.map((node) => objectionTo(node, pod, spreads));
  const [best] = nodes
    .filter((_, index) => objections[index] === undefined)
    .map((node) => ({ node: node.metadata.name, rank: rankOf(node, pod, spreads, placement) }))
    .toSorted((a, b) => compareRanks(a.rank, b.rank) || (a.node < b.node ? -1 : 1));
  if (best) return { node: best.node };
  const reasons = Object.entries(Object.groupBy(objections, (objection) => objection ?? ''));
  const listed = reasons.map(([reason, { length } = []]) => `${length} ${reason}`).toSorted();
  return { message: `0/${nodes.length} nodes are available: ${listed.join(', ')}.` };
}

/** What speaks against a node; the first in the order in which Kubernetes asks. */
function objectionTo(node: Node, pod: Pod, spreads: readonly Spread[]): string | undefined {
  const { tolerations = [], affinity } = pod.spec;
  if (node.spec?.unschedulable === true && !tolerates(tolerations, unschedulable)) return 'node(s) were unschedulable';
  const taint = untolerated(tolerations, node, ['NoSchedule', 'NoExecute']);
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!matchesNodeAffinity(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  for (const spread of spreads.filter(({ isHard }) => isHard)) {
    const skew = skewOn(spread, node);
    if (skew === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    if (skew > spread.maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  const byPods = [affinity?.podAffinity, affinity?.podAntiAffinity];
  const isRefused = byPods.some((one) => one?.requiredDuringSchedulingIgnoredDuringExecution !== undefined);
  return isRefused ? 'node(s) cannot be chosen by required pod (anti-)affinity, which this scheduler lacks' : undefined;
}

/** Soft spread, pods of the same owner, pods at all: the lower the better. */
function rankOf(node: Node, pod: Pod, spreads: readonly Spread[], placement: Placement): number[] {
  const there = placement.get(node.metadata.name) ?? [];
  const owner = controllerOf(pod)?.uid;
  const siblings = owner === undefined ? [] : there.filter((other) => controllerOf(other)?.uid === owner);
  const skews = spreads.filter(({ isHard }) => !isHard).map((spread) => skewOn(spread, node) ?? Infinity);
  return [...skews, siblings.length, there.length];
}

/** A spread constraint, with the matching pods per value of its key among the nodes that the pod may use at all. */
function spreadOf(pod: Pod, constraint: SpreadConstraint, nodes: readonly Node[], placement: Placement) {
  const { topologyKey, maxSkew, whenUnsatisfiable, labelSelector, matchLabelKeys = [] } = constraint;
  const { namespace, labels = {} } = pod.metadata;
  const counts = new Map<string, number>();
  // With `matchLabelKeys` only pods with the same values as this pod count: those of the same ReplicaSet, say.
  const matches = ({ metadata }: Pod): boolean =>
    metadata.namespace === namespace &&
    matchesSelector(labelSelector, metadata.labels) &&
    matchLabelKeys.every((key) => metadata.labels?.[key] === labels[key]);
  for (const node of nodes) {
    const domain = node.metadata.labels?.[topologyKey];
    if (domain === undefined || !matchesNodeAffinity(pod.spec, node)) continue;
    const there = placement.get(node.metadata.name) ?? [];
    const matching = there.filter((other) => !isTerminating(other) && matches(other));
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  const isHard = whenUnsatisfiable === 'DoNotSchedule';
  return { topologyKey, maxSkew, isHard, counts, least: Math.min(...counts.values()) };
}

type Spread = ReturnType<typeof spreadOf>;

/** How far the node's domain would be ahead of the emptiest one; undefined when the node has no such label. */
function skewOn({ topologyKey, counts, least }: Spread, node: Node): number | undefined {
  const domain = node.metadata.labels?.[topologyKey];
  return domain === undefined ? undefined : (counts.get(domain) ?? 0) + 1 - least;
}

/** The node has what the pod's nodeSelector and its required node affinity ask for. Terms are alternatives. */
export function matchesNodeAffinity({ nodeSelector = {}, affinity }: PodSpec, { metadata }: Node): boolean {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const { labels = {}, name } = metadata;
  const matches = terms?.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      // An empty term matches nothing.
      matchExpressions.length + matchFields.length > 0 &&
      matchExpressions.every((requirement) => meets(labels, requirement)) &&
      matchFields.every((requirement) => meets({ 'metadata.name': name }, requirement)),
  );
  return matchesSelector({ matchLabels: nodeSelector }, labels) && matches !== false;
}

function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (effect === '' || effect === taint.effect) &&
      (key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  );
}

/** The first taint of those effects that is not tolerated. */
export function untolerated(
  tolerations: readonly Toleration[] = [],
  { spec }: Node,
  effects: readonly string[],
): Taint | undefined {
  return spec?.taints?.find((taint) => effects.includes(taint.effect) && !tolerates(tolerations, taint));
}
