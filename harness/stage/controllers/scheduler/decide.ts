import type { Node, Pod, Taint } from '../base/kinds.ts';
import { controllerOf } from '../base/owners.ts';
import { forbiddenDomains, isForbidden } from './anti-affinity.ts';
import { matchesNodeAffinity, tolerates, untolerated } from './node-match.ts';
import type { Placement } from './placement.ts';
import { skewOn, spreadsOf } from './spread.ts';

export type Decision = { readonly node: string } | { readonly message: string };

const defaultPodsPerNode = 110;
const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** The best node for a pod, or why there is none, in kubectl's words. */
export function decide(pod: Pod, nodes: readonly Node[], placement: Placement): Decision {
  const objection = objections(pod, nodes, placement);
  const reasons = new Map<string, number>();
  const feasible: Node[] = [];
  for (const node of nodes) {
    const reason = objection(node);
    if (reason === undefined) feasible.push(node);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const [best] = ranked(pod, feasible, placement);
  if (best) return { node: best.metadata.name };
  const listed = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted();
  const why = listed.length === 0 ? '' : `: ${listed.join(', ')}`;
  return {
    message:
      nodes.length === 0 ? 'no nodes available to schedule pods' : `0/${nodes.length} nodes are available${why}.`,
  };
}

/** What speaks against a node; the first in the order in which Kubernetes asks. */
function objections(pod: Pod, nodes: readonly Node[], placement: Placement): (node: Node) => string | undefined {
  const spreads = spreadsOf(pod, 'DoNotSchedule', nodes, placement);
  const forbidden = forbiddenDomains(pod, nodes, placement);
  const ports = hostPorts(pod);
  return (node) => {
    const there = placement.on(node.metadata.name);
    if (node.spec?.unschedulable === true && !tolerates(pod.spec.tolerations ?? [], unschedulable)) {
      return 'node(s) were unschedulable';
    }
    const taint = untolerated(pod.spec.tolerations, node, ['NoSchedule', 'NoExecute']);
    if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
    if (!matchesNodeAffinity(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
    if (ports.length > 0 && there.some((other) => hostPorts(other).some((port) => ports.includes(port)))) {
      return "node(s) didn't have free ports for the requested pod ports";
    }
    if (there.length >= Number(node.status?.allocatable?.['pods'] ?? defaultPodsPerNode)) return 'Too many pods';
    for (const spread of spreads) {
      const skew = skewOn(spread, node);
      if (skew === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
      if (skew > spread.maxSkew) return "node(s) didn't match pod topology spread constraints";
    }
    if (isForbidden(forbidden.own, node)) return "node(s) didn't match pod anti-affinity rules";
    return isForbidden(forbidden.others, node) ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
  };
}

/** `TCP/80`. A pod on the host's network takes every port that it names. */
function hostPorts({ spec }: Pod): string[] {
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, containerPort, protocol = 'TCP' }) => {
      const port = hostPort ?? (spec.hostNetwork === true ? containerPort : undefined);
      return port === undefined || port === 0 ? [] : [`${protocol}/${port}`];
    });
}

/** Best first: soft taints, soft spread, pods of the same owner, pods at all; then by name, so that it repeats. */
function ranked(pod: Pod, nodes: readonly Node[], placement: Placement): Node[] {
  const spreads = spreadsOf(pod, 'ScheduleAnyway', nodes, placement);
  const owner = controllerOf(pod)?.uid;
  const scores = new Map(
    nodes.map((node) => {
      const there = placement.on(node.metadata.name);
      const skews = spreads.map((spread) => skewOn(spread, node) ?? Infinity);
      const siblings = owner === undefined ? [] : there.filter((other) => controllerOf(other)?.uid === owner);
      const avoid = untolerated(pod.spec.tolerations, node, ['PreferNoSchedule']) === undefined ? 0 : 1;
      return [node, [avoid, ...skews, siblings.length, there.length]] as const;
    }),
  );
  return nodes.toSorted(
    (a, b) => compare(scores.get(a), scores.get(b)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

function compare(a: readonly number[] = [], b: readonly number[] = []): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) < (b[index] ?? 0) ? -1 : 1;
}
