import { describe, expect, test } from 'vitest';
import { podStatus, type PodView } from './pod-status.ts';
import type { ContainerState, ContainerStatus, PodSpec } from './pod.ts';
import { samplePod } from './testing/sample-pod.ts';

const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z', containerID: 'blackstart://x' };
const running: ContainerState = { running: { startedAt: times.startedAt } };
const creating: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const crashLoop: ContainerState = { waiting: { reason: 'CrashLoopBackOff' } };
const exited = (exitCode: number): ContainerState => ({ terminated: { exitCode, reason: 'x', ...times } });

function container(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, lastState: {}, ready: false, started: false, restartCount: 0, image: '', imageID: '', ...more };
}

function view(containers: ContainerStatus[], spec: Partial<PodSpec> = {}, more: Partial<PodView> = {}): PodView {
  return {
    pod: samplePod({}, spec),
    hostIp: '127.9.0.1',
    podIp: '127.9.1.2',
    isSetUp: true,
    initContainers: [],
    containers,
    startTime: '2026-01-01T00:00:00Z',
    now: '2026-01-01T00:00:05Z',
    conditions: [],
    ...more,
  };
}

describe('phase', () => {
  const crashed = container('a', crashLoop, { lastState: exited(1) });
  test.each([
    ['nothing runs yet', 'Always', [container('a', creating)], 'Pending'],
    ['one runs, one is created', 'Always', [container('a', running), container('b', creating)], 'Pending'],
    ['all run', 'Always', [container('a', running), container('b', running)], 'Running'],
    ['one waits for its restart', 'Always', [container('a', running), crashed], 'Running'],
    ['all wait for their restart', 'Always', [crashed], 'Running'],
    ['all ended, and will restart', 'Always', [container('a', exited(0))], 'Running'],
    ['all ended well', 'OnFailure', [container('a', exited(0)), container('b', exited(0))], 'Succeeded'],
    ['one failed, and will restart', 'OnFailure', [container('a', exited(0)), container('b', exited(1))], 'Running'],
    ['one failed for good', 'Never', [container('a', exited(0)), container('b', exited(1))], 'Failed'],
    ['one failed, one runs', 'Never', [container('a', running), container('b', exited(1))], 'Running'],
  ] as const)('%s (%s)', (_, restartPolicy, containers, expected) => {
    expect(podStatus(view([...containers], { restartPolicy })).phase).toBe(expected);
  });

  test.each([
    [exited(0), 'Never', 'Running'],
    [exited(1), 'Never', 'Failed'],
    [exited(1), 'Always', 'Pending'],
    [running, 'Always', 'Pending'],
  ] as const)('with an init container in state %j (%s)', (state, restartPolicy, expected) => {
    const initContainers = [container('init', state)];
    const status = podStatus(view([container('a', running)], { restartPolicy }, { initContainers }));
    expect(status.phase).toBe(expected);
    expect(status.initContainerStatuses).toEqual(initContainers);
  });
});

function conditions(status: PodView): Record<string, string> {
  return Object.fromEntries(podStatus(status).conditions.map(({ type, status: value }) => [type, value]));
}

test('a pod is ready when all of its containers are', () => {
  const ready = container('a', running, { ready: true });
  expect(conditions(view([ready]))).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  const unready = podStatus(view([ready, container('b', running)]));
  expect(unready.conditions.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [b]',
  });
});

test('a pod that is not set up has no address and cannot start containers', () => {
  const status = view([container('a', creating)], {}, { podIp: undefined, isSetUp: false });
  expect(podStatus(status)).not.toHaveProperty('podIP');
  expect(conditions(status)).toMatchObject({ PodReadyToStartContainers: 'False', Initialized: 'True' });
});

test("a pod on the host's network has the node's address from the start", () => {
  const status = podStatus(view([container('a', creating)], { hostNetwork: true }, { podIp: undefined }));
  expect(status).toMatchObject({ podIP: '127.9.0.1', podIPs: [{ ip: '127.9.0.1' }], hostIP: '127.9.0.1' });
});

test('a pod that is over is not ready because it has completed', () => {
  const status = podStatus(view([container('a', exited(0))], { restartPolicy: 'Never' }));
  expect(status.conditions.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'PodCompleted' });
});

test('a condition keeps its time until it changes; conditions of others stay', () => {
  const first = podStatus(view([container('a', running)]));
  const other = { type: 'example.com/x', status: 'True', lastProbeTime: null, lastTransitionTime: 'then' } as const;
  const ready = [container('a', running, { ready: true })];
  const later = podStatus(view(ready, {}, { now: '2026-01-01T00:01:00Z', conditions: [...first.conditions, other] }));
  const timeOf = (type: string): string | undefined =>
    later.conditions.find((one) => one.type === type)?.lastTransitionTime;
  expect(timeOf('Initialized')).toBe('2026-01-01T00:00:05Z');
  expect(timeOf('Ready')).toBe('2026-01-01T00:01:00Z');
  expect(timeOf('example.com/x')).toBe('then');
});
