import { expect, test } from 'vitest';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../base/kinds.ts';
import { deployment, replicaSet } from '../testing/objects.ts';
import { deadlineInMs, deploymentStatus } from './deployment-status.ts';

const start = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000);
const working = replicaSet('web-a', 2);
const starting = replicaSet('web-a', 2, { replicas: 2, readyReplicas: 0, availableReplicas: 0 });

function next(before: DeploymentStatus | undefined, set: ReplicaSet | undefined, now = start, old: ReplicaSet[] = []) {
  const web: Deployment = { ...deployment({ progressDeadlineSeconds: 60 }), ...(before && { status: before }) };
  const status = deploymentStatus(web, set, old, now);
  const find = (type: string) => status.conditions?.find((one) => one.type === type);
  return { web, status, available: find('Available'), progressing: find('Progressing') };
}

test('a rollout is under way, then done, and stays done when a pod fails later', () => {
  const first = next(undefined, starting);
  expect(first.progressing).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
  expect(first.available).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' });
  const done = next(first.status, working, later(5));
  expect(done.progressing).toMatchObject({
    reason: 'NewReplicaSetAvailable',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  expect(done.available).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:05Z' });
  expect(done.status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, unavailableReplicas: 0 });
  const broken = next(done.status, starting, later(500));
  expect(broken.progressing).toEqual(done.progressing);
  expect(broken.available).toMatchObject({ status: 'False' });
  expect(broken.status.unavailableReplicas).toBe(2);
});

test('a rollout that does not move for its deadline has timed out, until it moves', () => {
  const first = next(undefined, starting);
  expect(deadlineInMs(first.web, first.status, later(20))).toBe(40_000);
  const waiting = next(first.status, starting, later(60));
  expect(waiting.progressing?.reason).toBe('ReplicaSetUpdated');
  const stuck = next(waiting.status, starting, later(61));
  expect(stuck.progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  expect(deadlineInMs(stuck.web, stuck.status, later(61))).toBeUndefined();
  expect(next(stuck.status, starting, later(99)).progressing).toEqual(stuck.progressing);
  const half = replicaSet('web-a', 2, { replicas: 2, readyReplicas: 1, availableReplicas: 1 });
  expect(next(stuck.status, half, later(100)).progressing).toMatchObject({
    status: 'True',
    reason: 'ReplicaSetUpdated',
  });
});

test('progress begins the deadline anew', () => {
  const first = next(undefined, starting);
  const half = next(first.status, replicaSet('web-a', 2, { replicas: 2, readyReplicas: 1 }), later(50));
  expect(half.progressing?.lastUpdateTime).toBe('2026-01-01T00:00:50Z');
  expect(next(half.status, replicaSet('web-a', 2, { replicas: 2, readyReplicas: 1 }), later(100)).progressing).toEqual(
    half.progressing,
  );
});

test('old pods count as replicas, but not as updated', () => {
  const { status } = next(undefined, replicaSet('web-b', 1), start, [working]);
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 1, availableReplicas: 3 });
});

test('a paused rollout says so', () => {
  const web = deployment({ paused: true });
  const status = deploymentStatus(web, undefined, [working], start);
  expect(status.conditions?.at(-1)).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
});

test('conditions of other makers stay', () => {
  const other = { type: 'Custom', status: 'True' };
  expect(next({ conditions: [other] }, working).status.conditions?.[0]).toEqual(other);
});
