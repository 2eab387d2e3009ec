import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../base/kinds.ts';
import { deployment, replicaSet } from '../testing/objects.ts';
import { deploymentStatus } from './rollout.ts';

const start = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000);
const working = replicaSet('web-a', 2);
const starting = replicaSet('web-a', 2, { replicas: 2, readyReplicas: 0, availableReplicas: 0 });

function next(
  before: Deployment['status'] | undefined,
  set: ReplicaSet | undefined,
  now = start,
  old: ReplicaSet[] = [],
) {
  const web: Deployment = { ...deployment(), ...(before && { status: before }) };
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

test('old pods count as replicas, but not as updated', () => {
  const { status } = next(undefined, replicaSet('web-b', 1), start, [working]);
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 1, availableReplicas: 3 });
});
