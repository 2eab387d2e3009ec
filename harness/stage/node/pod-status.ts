import type { ContainerStatus, Pod, PodCondition, PodStatus } from './pod.ts';

/** What is known of a pod on its node. */
export interface PodView {
  readonly pod: Pod;
  readonly hostIp: string;
  /** Undefined until the pod has its network. */
  readonly podIp: string | undefined;
  /** Volumes and network are there. */
  readonly isSetUp: boolean;
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** When the node took the pod on, and now: as the API writes times. */
  readonly startTime: string;
  readonly now: string;
  /** From the status before: a condition that stays as it is keeps its time. */
  readonly conditions: readonly PodCondition[];
}

/** The status that the node agent reports. */
export function podStatus(view: PodView): PodStatus {
  const { podIp, hostIp, containers, initContainers, startTime } = view;
  const ip = podIp ?? (view.pod.spec.hostNetwork ? hostIp : undefined);
  return {
    phase: phaseOf(view),
    conditions: conditionsOf(view),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
    startTime,
    ...(initContainers.length > 0 && { initContainerStatuses: [...initContainers] }),
    containerStatuses: [...containers],
  };
}

/** The kubelet's rules. A container that waits for its restart counts as stopped. */
function phaseOf({ pod, initContainers, containers }: PodView): PodStatus['phase'] {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const failedInit = initContainers.some(({ state }) => (state.terminated?.exitCode ?? 0) !== 0);
  if (failedInit && policy === 'Never') return 'Failed';
  if (!areInitialized(initContainers)) return 'Pending';
  if (!containers.every(hasRun)) return 'Pending';
  if (containers.some(({ state }) => state.running) || policy === 'Always') return 'Running';
  const codes = containers.map(({ state, lastState }) => (state.terminated ?? lastState.terminated)?.exitCode);
  if (codes.every((code) => code === 0)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function conditionsOf(view: PodView): PodCondition[] {
  const { initContainers, containers, isSetUp } = view;
  const phase = phaseOf(view);
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const notReady = isOver
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const ready = { status: unready.length === 0 && !isOver, why: notReady };
  const wanted = [
    { type: 'PodReadyToStartContainers', status: isSetUp && !isOver, why: {} },
    { type: 'Initialized', status: areInitialized(initContainers), why: { reason: 'ContainersNotInitialized' } },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: true, why: {} },
  ];
  const own = wanted.map(({ type, status, why }): PodCondition => {
    const before = view.conditions.find((one) => one.type === type);
    const text = status ? 'True' : 'False';
    const lastTransitionTime = before?.status === text ? before.lastTransitionTime : view.now;
    return { type, status: text, lastProbeTime: null, lastTransitionTime, ...(!status && why) };
  });
  const others = view.conditions.filter(({ type }) => !wanted.some((one) => one.type === type));
  return [...own, ...others];
}

function hasRun({ state, lastState }: ContainerStatus): boolean {
  return state.running !== undefined || state.terminated !== undefined || lastState.terminated !== undefined;
}

function areInitialized(initContainers: readonly ContainerStatus[]): boolean {
  return initContainers.every(({ state }) => state.terminated?.exitCode === 0);
}
