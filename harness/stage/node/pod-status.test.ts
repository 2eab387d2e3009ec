import { expect, test } from 'vitest';
import type { ContainerState, ContainerStatus } from './container-runner.ts';
import { conditionsOf, phaseOf, type PodCondition } from './pod-status.ts';

const [then, now] = ['2026-01-01T00:00:05Z', '2026-01-01T00:01:00Z'];
const running: ContainerState = { running: { startedAt: then } };
const creating: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const crashLoop: ContainerState = { waiting: { reason: 'CrashLoopBackOff' } };
const exited: ContainerState = {
  terminated: { exitCode: 1, reason: 'Error', startedAt: then, finishedAt: then, containerID: 'blackstart://x' },
};
const crashed = { lastState: exited };

function container(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, lastState: {}, ready: false, started: false, restartCount: 0, image: '', imageID: '', ...more };
}

test.each([
  ['nothing runs yet', [container('a', creating)], 'Pending'],
  ['one runs, one is created', [container('a', running), container('b', creating)], 'Pending'],
  ['all run', [container('a', running), container('b', running)], 'Running'],
  ['one waits for its restart', [container('a', running), container('b', crashLoop, crashed)], 'Running'],
  ['all wait for their restart', [container('a', crashLoop, crashed)], 'Running'],
  ['all ended, and will restart', [container('a', exited)], 'Running'],
])('phase when %s', (_, containers, expected) => {
  expect(phaseOf(containers)).toBe(expected);
});

const statuses = (conditions: readonly PodCondition[]): Record<string, string> =>
  Object.fromEntries(conditions.map(({ type, status }) => [type, status]));

const ready = container('a', running, { ready: true });

test('a pod is ready when all of its containers are', () => {
  expect(statuses(conditionsOf([ready], true, [], now))).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  const unready = conditionsOf([ready, container('b', running)], true, [], now);
  expect(unready.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [b]',
  });
});

test('a pod that is not set up cannot start containers', () => {
  const conditions = statuses(conditionsOf([container('a', creating)], false, [], now));
  expect(conditions).toMatchObject({ PodReadyToStartContainers: 'False', Initialized: 'True' });
});

test('a condition keeps its time until it changes; conditions of others stay', () => {
  const before = conditionsOf([container('a', running)], true, [], then);
  const other = { type: 'example.com/x', status: 'True', lastTransitionTime: 'long ago' } as const;
  const after = conditionsOf([ready], true, [...before, other], now);
  const timeOf = (type: string): string | undefined => after.find((one) => one.type === type)?.lastTransitionTime;
  expect(timeOf('Initialized')).toBe(then);
  expect(timeOf('Ready')).toBe(now);
  expect(timeOf('example.com/x')).toBe('long ago');
});
