import { expect, test } from 'vitest';
import { podReady, podRestarts, podStatus, since } from './pod-status.ts';

const now = new Date('2026-01-01T00:01:00Z');
const ready = { type: 'Ready', status: 'True' };
const running = { ready: true, state: { running: {} } };
const waiting = (reason: string): object => ({ ready: false, state: { waiting: { reason } } });
const ended = (exitCode: number, more: object = {}): object => ({ state: { terminated: { exitCode, ...more } } });

interface Pod {
  readonly phase?: string;
  readonly reason?: string;
  readonly containers?: object[];
  readonly init?: object[];
  readonly conditions?: object[];
  readonly deleted?: boolean;
}

const named = (statuses: object[]): object[] => statuses.map((status, at) => ({ name: `c${at}`, ...status }));

function pod({ phase = 'Running', reason, containers = [], init = [], conditions = [], deleted }: Pod): object {
  return {
    metadata: { name: 'x', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:30Z' }) },
    spec: { containers: named(containers), initContainers: named(init) },
    status: { phase, reason, conditions, containerStatuses: named(containers), initContainerStatuses: named(init) },
  };
}

test.each<[string, Pod, string, string]>([
  ['running', { containers: [running, running] }, '2/2', 'Running'],
  ['not yet scheduled', { phase: 'Pending' }, '0/0', 'Pending'],
  ['starting', { phase: 'Pending', containers: [waiting('ContainerCreating')] }, '0/1', 'ContainerCreating'],
  ['crashing', { containers: [running, waiting('CrashLoopBackOff')] }, '1/2', 'CrashLoopBackOff'],
  ['without its image', { phase: 'Pending', containers: [waiting('ErrImagePull')] }, '0/1', 'ErrImagePull'],
  ['failed', { phase: 'Failed', containers: [ended(1, { reason: 'Error' })] }, '0/1', 'Error'],
  ['ended by a signal', { containers: [ended(137, { signal: 9 })] }, '0/1', 'ExitCode:137'],
  ['ended without a reason', { containers: [ended(3)] }, '0/1', 'ExitCode:3'],
  ['done', { phase: 'Succeeded', containers: [ended(0, { reason: 'Completed' })] }, '0/1', 'Completed'],
  [
    'half done and ready',
    { containers: [ended(0, { reason: 'Completed' }), running], conditions: [ready] },
    '1/2',
    'Running',
  ],
  ['half done', { containers: [ended(0, { reason: 'Completed' }), running] }, '1/2', 'NotReady'],
  ['evicted', { phase: 'Failed', reason: 'Evicted' }, '0/0', 'Evicted'],
  [
    'initializing',
    { phase: 'Pending', init: [ended(0), running], containers: [waiting('PodInitializing')] },
    '0/1',
    'Init:1/2',
  ],
  [
    'failing to initialize',
    { phase: 'Pending', init: [waiting('CrashLoopBackOff')], containers: [{}] },
    '0/1',
    'Init:CrashLoopBackOff',
  ],
  ['failed to initialize', { init: [ended(2)], containers: [{}] }, '0/1', 'Init:ExitCode:2'],
  ['being deleted', { deleted: true, containers: [running] }, '1/1', 'Terminating'],
  [
    'being deleted after its end',
    { deleted: true, phase: 'Succeeded', containers: [ended(0, { reason: 'Completed' })] },
    '0/1',
    'Completed',
  ],
])('a pod that is %s', (_, spec, readyText, status) => {
  expect([podReady(pod(spec)), podStatus(pod(spec))]).toEqual([readyText, status]);
});

const restarted = (restartCount: number, finishedAt?: string): object => ({
  ...running,
  restartCount,
  ...(finishedAt && { lastState: { terminated: { finishedAt } } }),
});

test.each<[string, Pod, string]>([
  ['none', { containers: [restarted(0)] }, '0'],
  [
    'the sum, and when the latest was',
    { containers: [restarted(1, '2026-01-01T00:00:55Z'), restarted(2, '2026-01-01T00:00:10Z')] },
    '3 (5s ago)',
  ],
  ['without the time of an end', { containers: [restarted(2)] }, '2'],
])('restarts: %s', (_, spec, text) => {
  expect(podRestarts(pod(spec), now)).toBe(text);
});

test.each([
  ['2026-01-01T00:00:59Z', '1s'],
  ['2026-01-01T00:05:00Z', '0s'],
  ['2025-12-31T23:55:30Z', '5m30s'],
  ['2025-12-31T23:00:00Z', '61m'],
  ['2025-12-31T20:00:00Z', '4h1m'],
  ['2025-12-31T00:00:00Z', '24h'],
  ['2025-12-28T22:00:00Z', '3d2h'],
  ['2025-12-01T00:00:00Z', '31d'],
  ['', '<unknown>'],
])('%j was %s ago', (timestamp, text) => {
  expect(since(timestamp, now)).toBe(text);
});
