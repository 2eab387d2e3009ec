import type { FaultDescription } from '../../plan/plan.ts';
import { chaosNamespace } from './manifest.ts';
import { modeText, selectorText, type PodChaosRequest } from './request.ts';

/** What a PodChaos does, for the plan. */
export function describePodChaos(request: PodChaosRequest): FaultDescription {
  return {
    does: `Chaos Mesh PodChaos ${request.action}${details(request)}`,
    targets: `${modeText(request.mode)} ${selectorText(request.selector)}`,
    confirmedBy: confirmedBy(request),
    undo: `delete the PodChaos from namespace ${chaosNamespace}`,
  };
}

function details({ action, containerNames, duration }: PodChaosRequest): string {
  if (action === 'container-kill')
    return ` of ${containerNames.join(', ')}, ended as soon as the kill is seen${held(containerNames)}`;
  if (action === 'pod-failure') return duration === null ? ', until the heal' : ` for ${duration}`;
  return '';
}

function held(containerNames: readonly string[]): string {
  if (!containerNames.includes('kube-apiserver')) return '';
  return '; its controller is held from then on (SIGSTOP on its node) and ended when the delete is accepted, or it would kill again';
}

function confirmedBy({ action, containerNames }: PodChaosRequest): readonly string[] {
  const ended = 'crictl: the container that ran before has ended';
  switch (action) {
    case 'pod-kill':
      return [ended, 'api: the pod with the old uid is gone'];
    case 'pod-failure':
      return [ended, 'api: the pod has the pause image'];
    case 'container-kill':
      return [
        `${ended}, once`,
        ...(containerNames.includes('kube-apiserver') ? ['prober: requests to the API server fail'] : []),
        ...(containerNames.some((name) => name !== 'kube-apiserver') ? ['api: the restart count went up'] : []),
      ];
  }
}
