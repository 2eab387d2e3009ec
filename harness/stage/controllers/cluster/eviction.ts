import type { Node, Pod, Taint, Toleration } from '../base/kinds.ts';
import { tolerates } from '../scheduler/node-match.ts';

/** Kubernetes gives every pod these when it is created, unless it says something else. */
const defaultTolerations: readonly Toleration[] = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));

/** When a pod must leave its node because of NoExecute taints, in milliseconds of the epoch; undefined: never. */
export function evictionTime(pod: Pod, { spec }: Node, now: Date): number | undefined {
  const times = (spec?.taints ?? [])
    .filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => leaveTime(pod, taint, now.getTime()))
    .filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function leaveTime({ spec }: Pod, taint: Taint, nowMs: number): number | undefined {
  const own = (spec.tolerations ?? []).filter((toleration) => tolerates([toleration], taint));
  const tolerated = own.length > 0 ? own : defaultTolerations.filter((toleration) => tolerates([toleration], taint));
  const sinceMs = taint.timeAdded === undefined ? nowMs : Date.parse(taint.timeAdded);
  if (tolerated.length === 0) return sinceMs;
  const limits = tolerated.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return limits.length === 0 ? undefined : sinceMs + Math.max(0, Math.min(...limits)) * 1_000;
}
