import type { Duration } from '../../core/duration.ts';
import type { PodChaosAction, PodChaosSpec } from '../../experiment/spec.ts';

/** What a PodChaos asks for, whether an experiment or the user's own file says it. */
export interface PodChaosRequest {
  readonly action: PodChaosAction;
  readonly selector: PodChaosSelector;
  readonly mode: PodChaosMode;
  /** Containers to kill; empty but for container-kill. */
  readonly containerNames: readonly string[];
  /** How long pod-failure lasts, wall time; null for ever, and for the one-shot actions. */
  readonly duration: Duration | null;
}

/** Chaos Mesh takes either labels or names; names win there, so both at once is refused. */
export type PodChaosSelector =
  | {
      readonly kind: 'labels';
      readonly namespaces: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'names'; readonly pods: Readonly<Record<string, readonly string[]>> };

/** How many of the selected pods. */
export type PodChaosMode =
  | { readonly kind: 'one' | 'all' }
  | { readonly kind: 'fixed'; readonly count: number }
  | { readonly kind: 'fixed-percent'; readonly percent: number };

export function fromSpec(spec: PodChaosSpec): PodChaosRequest {
  const { action, select, mode, containerNames, duration } = spec;
  return {
    action,
    selector: { kind: 'labels', namespaces: [select.namespace], labels: select.labels },
    mode: { kind: mode },
    containerNames,
    duration: action === 'pod-failure' ? duration : null,
  };
}

/** `component=kube-apiserver in kube-system`. */
export function selectorText(selector: PodChaosSelector): string {
  if (selector.kind === 'names') {
    return Object.entries(selector.pods)
      .flatMap(([namespace, names]) => names.map((name) => `${namespace}/${name}`))
      .join(', ');
  }
  return `${labelText(selector.labels) || 'every pod'} in ${selector.namespaces.join(', ')}`;
}

/** `a=b,c=d`: the API's own form. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** `one of the pods`, `all pods`, … */
export function modeText(mode: PodChaosMode): string {
  switch (mode.kind) {
    case 'one':
      return 'one pod, chosen with the seed, of';
    case 'all':
      return 'all pods of';
    case 'fixed':
      return `${mode.count} pods, chosen with the seed, of`;
    case 'fixed-percent':
      return `${mode.percent} % of the pods, chosen with the seed, of`;
  }
}
