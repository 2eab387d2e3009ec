import type { ContainerStatus } from './container-runner.ts';

export interface PodCondition {
  type: string;
  status: 'True' | 'False';
  lastTransitionTime: string;
  reason?: string;
  message?: string;
}

export interface PodStatus {
  phase: 'Pending' | 'Running';
  conditions: PodCondition[];
  hostIP: string;
  hostIPs: { ip: string }[];
  podIP?: string;
  podIPs?: { ip: string }[];
  startTime: string;
  containerStatuses: ContainerStatus[];
}

/** A container that waits for its restart counts as running, as with the kubelet. */
export function phaseOf(containers: readonly ContainerStatus[]): PodStatus['phase'] {
  const haveRun = containers.every(({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated);
  return haveRun ? 'Running' : 'Pending';
}

/**
 * The conditions of a pod, which `isSetUp` when its volumes and network are there. One that stays as it was `before`
 * keeps its time; those of others stay. `now` as the API writes times.
 */
export function conditionsOf(
  containers: readonly ContainerStatus[],
  isSetUp: boolean,
  before: readonly PodCondition[],
  now: string,
): PodCondition[] {
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const message = `containers with unready status: [${unready.join(' ')}]`;
  const notReady = unready.length > 0 && { reason: 'ContainersNotReady', message };
  /** Why a condition does not hold. */
  const reasons = new Map<string, false | object>([
    ['PodReadyToStartContainers', !isSetUp && {}],
    ['Initialized', false],
    ['Ready', notReady],
    ['ContainersReady', notReady],
    ['PodScheduled', false],
  ]);
  const own = [...reasons].map(([type, whyNot]): PodCondition => {
    const known = before.find((one) => one.type === type);
    const status = whyNot ? 'False' : 'True';
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    return { type, status, lastTransitionTime, ...whyNot };
  });
  return [...own, ...before.filter(({ type }) => !reasons.has(type))];
}
