import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../base/kinds.ts';
import { deployment, replicaSet } from '../testing/objects.ts';
import { planRollout, rolloutLimits } from './rollout.ts';

function plan(spec: Partial<Deployment['spec']>, newSet: ReplicaSet | undefined, ...oldSets: ReplicaSet[]): unknown {
  const scaling = planRollout(rolloutLimits(deployment(spec)), newSet, oldSets);
  return Object.fromEntries(
    scaling.map(({ set, replicas }) => [set === 'new' ? 'create' : set.metadata.name, replicas]),
  );
}

const notReady = (replicas: number): NonNullable<ReplicaSet['status']> => ({ replicas, availableReplicas: 0 });

test.each([
  [4, undefined, undefined, { maxSurge: 1, maxUnavailable: 1 }],
  [2, undefined, undefined, { maxSurge: 1, maxUnavailable: 0 }],
  [3, '50%', '50%', { maxSurge: 2, maxUnavailable: 1 }],
  [3, 0, 0, { maxSurge: 0, maxUnavailable: 1 }],
  [2, 1, 5, { maxSurge: 1, maxUnavailable: 2 }],
])('%i replicas, surge %s and unavailable %s allow %j', (replicas, maxSurge, maxUnavailable, expected) => {
  const given = {
    ...(maxSurge !== undefined && { maxSurge }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
  };
  expect(rolloutLimits(deployment({ replicas, strategy: { rollingUpdate: given } }))).toMatchObject(expected);
});

test('a first template gets all its replicas at once', () => {
  expect(plan({ replicas: 3 }, undefined)).toEqual({ create: 3 });
});

test('a new template begins with the surge', () => {
  expect(plan({ replicas: 4 }, undefined, replicaSet('old', 4))).toEqual({ create: 1 });
});

test('old pods go only as far as enough others are available', () => {
  const surging = replicaSet('new', 1, notReady(1));
  expect(plan({ replicas: 4 }, surging, replicaSet('old', 4))).toEqual({ old: 3 });
  expect(plan({ replicas: 4 }, surging, replicaSet('old', 3))).toEqual({ new: 2 });
  expect(plan({ replicas: 4 }, replicaSet('new', 2, notReady(2)), replicaSet('old', 3))).toEqual({});
  expect(plan({ replicas: 4 }, replicaSet('new', 2), replicaSet('old', 3))).toEqual({ old: 1 });
});

test('old pods that are not available go first, whatever their set', () => {
  const broken = replicaSet('broken', 2, notReady(2));
  expect(plan({ replicas: 4 }, replicaSet('new', 1, notReady(1)), replicaSet('old', 4), broken)).toEqual({
    broken: 0,
    old: 3,
  });
});

test('a Deployment at rest stays as it is, and a scaled one is scaled', () => {
  expect(plan({ replicas: 4 }, replicaSet('new', 4), replicaSet('old', 0))).toEqual({});
  expect(plan({ replicas: 6 }, replicaSet('new', 4))).toEqual({ new: 6 });
  expect(plan({ replicas: 1 }, replicaSet('new', 4))).toEqual({ new: 1 });
  expect(plan({ replicas: 0 }, replicaSet('new', 4))).toEqual({ new: 0 });
});

test('Recreate takes the old pods away, waits for the last of them, and only then begins', () => {
  const recreate = { strategy: { type: 'Recreate' } };
  expect(plan(recreate, undefined, replicaSet('old', 2))).toEqual({ create: 0 });
  expect(plan(recreate, replicaSet('new', 0), replicaSet('old', 2))).toEqual({ old: 0 });
  const last = [rolloutLimits(deployment(recreate), true), replicaSet('new', 0), [replicaSet('old', 0)]] as const;
  expect(planRollout(...last)).toEqual([]);
  expect(plan(recreate, replicaSet('new', 0), replicaSet('old', 0))).toEqual({ new: 2 });
});

test('whatever is available when, the sum of both bounds holds at every step until it is done', () => {
  for (let seed = 0; seed < 60; seed++) {
    const [replicas, maxSurge, maxUnavailable] = [1 + (seed % 7), seed % 3, (seed >> 2) % 3];
    const spec = { replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } };
    const limits = rolloutLimits(deployment(spec));
    let [now, old] = [replicaSet('new', 0), replicaSet('old', replicas)];
    for (let step = 0; step < 50; step++) {
      const scale = plan(spec, now, old) as { new?: number; old?: number };
      now = replicaSet('new', scale.new ?? now.spec.replicas ?? 0, {
        // Every other look, the newest pods are not available yet.
        availableReplicas:
          step % 2 === 0 ? (now.status?.availableReplicas ?? 0) : (scale.new ?? now.spec.replicas ?? 0),
      });
      old = replicaSet('old', scale.old ?? old.spec.replicas ?? 0);
      expect((now.spec.replicas ?? 0) + (old.spec.replicas ?? 0)).toBeLessThanOrEqual(replicas + limits.maxSurge);
      const available = (now.status?.availableReplicas ?? 0) + (old.status?.availableReplicas ?? 0);
      expect(available).toBeGreaterThanOrEqual(replicas - limits.maxUnavailable);
    }
    expect([now.spec.replicas, old.spec.replicas]).toEqual([replicas, 0]);
  }
});
