import type { Node, Pod, PodAffinityTerm } from '../base/kinds.ts';
import { matchesSelector } from '../base/selectors.ts';
import type { Placement } from './placement.ts';

/** Topology domains that a pod must keep out of, as `key=value`. */
export interface Forbidden {
  /** Because of the pod's own terms. */
  readonly own: ReadonlySet<string>;
  /** Because of the terms of pods that are there. */
  readonly others: ReadonlySet<string>;
}

export function forbiddenDomains(pod: Pod, nodes: readonly Node[], placement: Placement): Forbidden {
  const own = new Set<string>();
  const others = new Set<string>();
  for (const node of nodes) {
    for (const other of placement.on(node.metadata.name)) {
      for (const term of termsOf(pod)) if (applies(term, pod, other)) add(own, node, term);
      for (const term of termsOf(other)) if (applies(term, other, pod)) add(others, node, term);
    }
  }
  return { own, others };
}

export function isForbidden(domains: ReadonlySet<string>, { metadata }: Node): boolean {
  return Object.entries(metadata.labels ?? {}).some(([key, value]) => domains.has(`${key}=${value}`));
}

function termsOf({ spec }: Pod): readonly PodAffinityTerm[] {
  return spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function applies({ labelSelector, namespaces }: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const { namespace = '' } = owner.metadata;
  const within = namespaces && namespaces.length > 0 ? namespaces : [namespace];
  return within.includes(other.metadata.namespace ?? '') && matchesSelector(labelSelector, other.metadata.labels);
}

function add(domains: Set<string>, { metadata }: Node, { topologyKey }: PodAffinityTerm): void {
  const value = metadata.labels?.[topologyKey];
  if (value !== undefined) domains.add(`${topologyKey}=${value}`);
}
