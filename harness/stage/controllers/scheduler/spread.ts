import type { LabelSelector, Node, Pod, SpreadConstraint } from '../base/kinds.ts';
import { isTerminating } from '../base/pod-state.ts';
import { matchesSelector } from '../base/selectors.ts';
import { matchesNodeAffinity } from './node-match.ts';
import type { Placement } from './placement.ts';

/** Matching pods per value of the topology key, among the nodes that the pod may use at all. */
export interface Spread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly counts: ReadonlyMap<string, number>;
  /** 1 when the pod itself would count. */
  readonly own: number;
}

/** The constraints of a pod with that consequence (`DoNotSchedule` or `ScheduleAnyway`), counted. */
export function spreadsOf(pod: Pod, consequence: string, nodes: readonly Node[], placement: Placement): Spread[] {
  const constraints = pod.spec.topologySpreadConstraints ?? [];
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === consequence)
    .map((constraint) => countSpread(pod, constraint, nodes, placement));
}

function countSpread(pod: Pod, constraint: SpreadConstraint, nodes: readonly Node[], placement: Placement): Spread {
  const { topologyKey, maxSkew } = constraint;
  const selector = selectorOf(pod, constraint);
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.metadata.labels?.[topologyKey];
    if (domain === undefined || !matchesNodeAffinity(pod.spec, node)) continue;
    const matching = placement
      .on(node.metadata.name)
      .filter(
        (other) =>
          other.metadata.namespace === pod.metadata.namespace &&
          !isTerminating(other) &&
          matchesSelector(selector, other.metadata.labels),
      );
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  return { topologyKey, maxSkew, counts, own: matchesSelector(selector, pod.metadata.labels) ? 1 : 0 };
}

/** With `matchLabelKeys` only pods that have the same values as this pod count (those of the same ReplicaSet, say). */
function selectorOf(pod: Pod, { labelSelector, matchLabelKeys = [] }: SpreadConstraint): LabelSelector | undefined {
  if (!labelSelector) return undefined;
  const labels = pod.metadata.labels ?? {};
  const same = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return { ...labelSelector, matchLabels: { ...labelSelector.matchLabels, ...Object.fromEntries(same) } };
}

/** How far the node's domain would be ahead of the emptiest one; undefined when the node has no such label. */
export function skewOn({ topologyKey, counts, own }: Spread, node: Node): number | undefined {
  const domain = node.metadata.labels?.[topologyKey];
  if (domain === undefined) return undefined;
  return (counts.get(domain) ?? 0) + own - Math.min(...counts.values());
}
