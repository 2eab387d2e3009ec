import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../base/kinds.ts';
import { rfc3339 } from '../base/events.ts';
import { availableOf, rolloutLimits, sum } from './rollout.ts';

const defaultProgressDeadlineSeconds = 600;

type Totals = Required<Omit<DeploymentStatus, 'conditions'>>;
type Finding = Required<Pick<Condition, 'type' | 'status' | 'reason' | 'message'>>;

/** The status of a Deployment, from its sets. `newSet` is undefined while the current template has none. */
export function deploymentStatus(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
  now: Date,
): DeploymentStatus {
  const all = [...oldSets, ...(newSet ? [newSet] : [])];
  const replicas = sum(all, ({ status }) => status?.replicas ?? 0);
  const availableReplicas = sum(all, availableOf);
  const totals = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas,
    unavailableReplicas: Math.max(0, replicas - availableReplicas),
  };
  const has = deployment.status?.conditions ?? [];
  const progressing = progressingFinding(deployment, newSet, totals, now);
  const moved = hasMoved(deployment.status, totals) && progressing.reason === 'ReplicaSetUpdated';
  return {
    ...totals,
    conditions: [
      ...has.filter(({ type }) => type !== 'Available' && type !== 'Progressing'),
      condition(has, availableFinding(deployment, totals), false, now),
      condition(has, progressing, moved, now),
    ],
  };
}

/** Milliseconds until a rollout that does not move is declared stuck; undefined when it is not under way. */
export function deadlineInMs({ spec }: Deployment, status: DeploymentStatus, now: Date): number | undefined {
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason !== 'ReplicaSetUpdated') return undefined;
  const seconds = spec.progressDeadlineSeconds ?? defaultProgressDeadlineSeconds;
  return Math.max(1_000, Date.parse(progressing.lastUpdateTime ?? '') + seconds * 1_000 - now.getTime());
}

export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  const { replicas: desired = 1 } = spec;
  return (
    status.updatedReplicas === desired &&
    status.replicas === desired &&
    status.availableReplicas === desired &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

function availableFinding(deployment: Deployment, { availableReplicas }: Totals): Finding {
  const { desired, maxUnavailable } = rolloutLimits(deployment);
  return availableReplicas >= desired - maxUnavailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressingFinding(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  totals: Totals,
  now: Date,
): Finding {
  const { status, spec } = deployment;
  const type = 'Progressing';
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const before = status?.conditions?.find((each) => each.type === type);
  const sameSet = before?.message?.startsWith(what) === true;
  // Once rolled out it stays so, whatever happens to its pods later.
  const wasDone = sameSet && before.reason === 'NewReplicaSetAvailable' && totals.replicas === totals.updatedReplicas;
  if (newSet && (wasDone || isComplete(deployment, totals))) {
    const message = `${what} has successfully progressed.`;
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  if (spec.paused === true) {
    return { type, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  }
  const deadlineMs = (spec.progressDeadlineSeconds ?? defaultProgressDeadlineSeconds) * 1_000;
  const idleMs = now.getTime() - Date.parse(before?.lastUpdateTime ?? '');
  const stuck =
    before?.reason === 'ProgressDeadlineExceeded' || (before?.reason === 'ReplicaSetUpdated' && idleMs > deadlineMs);
  if (sameSet && stuck && !hasMoved(status, totals)) {
    return { type, status: 'False', reason: 'ProgressDeadlineExceeded', message: `${what} has timed out progressing.` };
  }
  return { type, status: 'True', reason: 'ReplicaSetUpdated', message: `${what} is progressing.` };
}

function hasMoved(before: DeploymentStatus | undefined, after: Totals): boolean {
  const { updatedReplicas = 0, replicas = 0, readyReplicas = 0, availableReplicas = 0 } = before ?? {};
  return (
    after.updatedReplicas > updatedReplicas ||
    after.replicas - after.updatedReplicas < replicas - updatedReplicas ||
    after.readyReplicas > readyReplicas ||
    after.availableReplicas > availableReplicas
  );
}

/** Its times change only when what it says changes, or when it is `touched`. */
function condition(has: readonly Condition[], finding: Finding, touched: boolean, now: Date): Condition {
  const before = has.find(({ type }) => type === finding.type);
  const same =
    before?.status === finding.status && before.reason === finding.reason && before.message === finding.message;
  if (before && same && !touched) return before;
  const time = rfc3339(now);
  const kept = before?.status === finding.status ? before.lastTransitionTime : undefined;
  return { ...finding, lastUpdateTime: time, lastTransitionTime: kept ?? time };
}
