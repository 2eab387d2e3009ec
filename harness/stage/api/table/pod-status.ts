/** What `kubectl get pods` says of a pod: worked out from its containers, not only from its phase. */
import { since } from './age.ts';
import { at, listAt, numberAt, textAt } from './read.ts';

interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

/** `now` is what the time of the last restart is told against. */
export function summarizePod(pod: unknown, now: Date): PodSummary {
  const sidecars = new Set(
    listAt(pod, 'spec', 'initContainers')
      .filter((container) => at(container, 'restartPolicy') === 'Always')
      .map((container) => textAt(container, 'name')),
  );
  const initStatuses = listAt(pod, 'status', 'initContainerStatuses');
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const sidecarStatuses = initStatuses.filter((status) => sidecars.has(textAt(status, 'name')));
  const initReason = initializing(pod, initStatuses, sidecars);
  const stuck = conditionStatus(pod, 'Initialized') === 'True' ? undefined : initReason;
  const started = stuck === undefined;
  const counted = started ? [...sidecarStatuses, ...statuses] : initStatuses;
  const running = started ? statuses.filter(isReady) : [];
  const ready =
    running.length +
    sidecarStatuses.filter((status) => at(status, 'started') === true && at(status, 'ready') === true).length;
  const total = listAt(pod, 'spec', 'containers').length + sidecars.size;
  return {
    ready: `${ready}/${total}`,
    status: deletionStatus(pod) ?? stuck ?? containersStatus(pod, statuses, running.length > 0, initReason),
    restarts: restarts(counted, now),
  };
}

/** Why the pod is still initializing; undefined when it is not. */
function initializing(pod: unknown, statuses: unknown[], sidecars: ReadonlySet<string>): string | undefined {
  for (const [index, status] of statuses.entries()) {
    const terminated = at(status, 'state', 'terminated');
    if (terminated && numberAt(terminated, 'exitCode') === 0) continue;
    if (sidecars.has(textAt(status, 'name')) && at(status, 'started') === true) continue;
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (terminated) return `Init:${terminationReason(terminated)}`;
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${listAt(pod, 'spec', 'initContainers').length}`;
  }
  return undefined;
}

function terminationReason(terminated: unknown): string {
  const signal = numberAt(terminated, 'signal');
  const code = signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
  return textAt(terminated, 'reason') || code;
}

function isReady(status: unknown): boolean {
  const waits = textAt(status, 'state', 'waiting', 'reason') !== '' || at(status, 'state', 'terminated') !== undefined;
  return !waits && at(status, 'ready') === true && at(status, 'state', 'running') !== undefined;
}

/** The reason of the first container that has one, else that of the pod. */
function containersStatus(pod: unknown, statuses: unknown[], oneRuns: boolean, initReason: string | undefined): string {
  const reasons = statuses.map((status) => {
    const terminated = at(status, 'state', 'terminated');
    return textAt(status, 'state', 'waiting', 'reason') || (terminated ? terminationReason(terminated) : '');
  });
  const reason = reasons.find((one) => one !== '') ?? initReason ?? podReason(pod);
  if (reason !== 'Completed' || !oneRuns) return reason;
  return conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
}

function podReason(pod: unknown): string {
  const gated = listAt(pod, 'status', 'conditions').some(
    (condition) => at(condition, 'type') === 'PodScheduled' && at(condition, 'reason') === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase');
}

function deletionStatus(pod: unknown): string | undefined {
  if (at(pod, 'metadata', 'deletionTimestamp') === undefined) return undefined;
  if (textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase')) ? undefined : 'Terminating';
}

/** The status of that condition; empty when there is none. */
export function conditionStatus(object: unknown, type: string): string {
  return textAt(
    listAt(object, 'status', 'conditions').find((condition) => at(condition, 'type') === type),
    'status',
  );
}

/** `0`, or `3 (5s ago)` with the end of the latest container that was started again. */
function restarts(statuses: unknown[], now: Date): string {
  const count = statuses.reduce<number>((sum, status) => sum + numberAt(status, 'restartCount'), 0);
  const ends = statuses
    .map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt'))
    .filter((end) => end !== '');
  const last = ends.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${since(last, now)} ago)`;
}
