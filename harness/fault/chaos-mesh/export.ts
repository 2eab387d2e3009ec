import { stringify } from 'yaml';
import type { FaultSpec } from '../../experiment/spec.ts';
import type { Plan } from '../../plan/plan.ts';
import { fromFile } from './file.ts';
import { chaosNamespace } from './manifest.ts';
import { fromSpec, type PodChaosRequest, type PodChaosSelector } from './request.ts';

/**
 * The Chaos Mesh manifests of a plan, one YAML document per PodChaos, ready for `kubectl apply`. They select as the
 * experiment says; a run resolves the selector at injection and writes the targets by name.
 */
export function chaosManifests(plan: Plan): string {
  const documents = plan.method.flatMap((step) => {
    if (step.kind !== 'inject') return [];
    const request = requestOf(step.fault);
    return request ? [stringify(manifest(step.name, request))] : [];
  });
  if (documents.length === 0) return `# ${plan.experiment} uses no Chaos Mesh fault with these parameters.\n`;
  return documents.join('---\n');
}

function requestOf(fault: FaultSpec): PodChaosRequest | undefined {
  if (fault.kind === 'pod-chaos') return fromSpec(fault);
  return fault.kind === 'pod-chaos-file' ? fromFile(fault.file) : undefined;
}

function manifest(name: string, { action, selector, mode, containerNames, duration }: PodChaosRequest): object {
  return {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'PodChaos',
    metadata: { name, namespace: chaosNamespace },
    spec: {
      action,
      mode: mode.kind,
      ...(mode.kind === 'fixed' && { value: String(mode.count) }),
      ...(mode.kind === 'fixed-percent' && { value: String(mode.percent) }),
      selector: selectorOf(selector),
      ...(containerNames.length > 0 && { containerNames }),
      ...(duration !== null && { duration }),
    },
  };
}

function selectorOf(selector: PodChaosSelector): object {
  if (selector.kind === 'names') return { pods: selector.pods };
  return { namespaces: selector.namespaces, labelSelectors: selector.labels };
}
