/** What `kubectl get pods` says of a pod: worked out from its containers, not only from its phase. */
import { at, listAt, textAt } from '../json.ts';

const seconds = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
type Unit = keyof typeof seconds;

/** Up to how many seconds a duration is told in which units; as kubectl does it. */
const steps: readonly (readonly [below: number, unit: Unit, rest?: Unit])[] = [
  [120, 's'],
  [600, 'm', 's'],
  [10_800, 'm'],
  [28_800, 'h', 'm'],
  [172_800, 'h'],
  [691_200, 'd', 'h'],
  [Infinity, 'd'],
];

/** How long ago that was: `119s`, `2m5s`, `3h10m`, `5d`; `<unknown>` when it is no time. */
export function since(timestamp: string, now: Date): string {
  const age = Math.max(0, Math.trunc((now.getTime() - Date.parse(timestamp)) / 1_000));
  const [, unit, rest] = steps.find(([below]) => age < below) ?? [];
  if (unit === undefined) return '<unknown>';
  const left = rest ? Math.trunc((age % seconds[unit]) / seconds[rest]) : 0;
  return `${Math.trunc(age / seconds[unit])}${unit}${left > 0 ? `${left}${rest}` : ''}`;
}

const isRunning = (status: unknown): boolean =>
  at(status, 'ready') === true && at(status, 'state.running') !== undefined;

export function podReady(pod: unknown): string {
  const running = listAt(pod, 'status.containerStatuses').filter(isRunning);
  return `${running.length}/${listAt(pod, 'spec.containers').length}`;
}

export function podStatus(pod: unknown): string {
  const phase = textAt(pod, 'status.phase');
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  if (at(pod, 'metadata.deletionTimestamp') !== undefined && !isDone) return 'Terminating';
  const initial = listAt(pod, 'status.initContainerStatuses');
  const index = initial.findIndex((status) => at(status, 'state.terminated.exitCode') !== 0);
  if (index >= 0) return `Init:${reasonOf(initial[index]) || `${index}/${initial.length}`}`;
  const statuses = listAt(pod, 'status.containerStatuses');
  const reason = statuses.map(reasonOf).find((one) => one !== '') || textAt(pod, 'status.reason') || phase;
  if (reason !== 'Completed' || !statuses.some(isRunning)) return reason;
  return conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
}

function reasonOf(status: unknown): string {
  const waiting = textAt(status, 'state.waiting.reason');
  const terminated = at(status, 'state.terminated');
  if (terminated === undefined) return waiting === 'PodInitializing' ? '' : waiting;
  return textAt(terminated, 'reason') || `ExitCode:${textAt(terminated, 'exitCode')}`;
}

/** The status of that condition; empty when there is none. */
export function conditionStatus(object: unknown, type: string): string {
  const condition = listAt(object, 'status.conditions').find((one) => at(one, 'type') === type);
  return textAt(condition, 'status');
}

/** `0`, or `3 (5s ago)` with the end of the latest container that was started again. */
export function podRestarts(pod: unknown, now: Date): string {
  const statuses = listAt(pod, 'status.containerStatuses');
  const count = statuses.reduce<number>((sum, status) => sum + Number(at(status, 'restartCount') ?? 0), 0);
  const ends = statuses.map((status) => textAt(status, 'lastState.terminated.finishedAt'));
  const last = ends.reduce((latest, one) => (one > latest ? one : latest), '');
  return count === 0 || last === '' ? String(count) : `${count} (${since(last, now)} ago)`;
}
