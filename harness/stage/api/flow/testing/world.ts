/** What tests of flow control need: an observer that counts, and requests. */
import type { FlowObserver, FlowRequest, RejectReason } from '../types.ts';

/** Counts what flow control tells, over all levels. */
export function recorder() {
  const seen = {
    limits: new Map<string, number>(),
    inFlightNow: { readOnly: 0, mutating: 0 },
    reasons: [] as RejectReason[],
    waitsMs: [] as number[],
    seatsInUse: 0,
    mostSeatsInUse: 0,
    waiting: 0,
    limit: (level, seats) => void seen.limits.set(level, seats),
    queued: (_flow, change) => void (seen.waiting += change),
    rejected: (_flow, reason, waitedMs) => {
      seen.reasons.push(reason);
      seen.waitsMs.push(waitedMs);
    },
    dispatched: (_flow, seats, waitedMs) => {
      seen.seatsInUse += seats;
      seen.mostSeatsInUse = Math.max(seen.mostSeatsInUse, seen.seatsInUse);
      seen.waitsMs.push(waitedMs);
    },
    finished: (_flow, seats) => void (seen.seatsInUse -= seats),
    inFlight: (kind, change) => void (seen.inFlightNow[kind] += change),
  } satisfies FlowObserver & Record<string, unknown>;
  return seen;
}

/** A GET of a pod by an ordinary user, but for what is given. */
export function flowRequest(changes: Partial<FlowRequest> = {}): FlowRequest {
  const who = {
    user: 'jane',
    groups: ['system:authenticated'],
    verb: 'get',
    path: '/api/v1/namespaces/default/pods/a',
  };
  const what = { apiGroup: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'default', name: 'a' };
  return { ...who, ...what, listBytes: 0, ...changes };
}

/** The service account of a pod. */
export function serviceAccount(namespace: string, name: string): Pick<FlowRequest, 'user' | 'groups'> {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { user: `system:serviceaccount:${namespace}:${name}`, groups };
}
