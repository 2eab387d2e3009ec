import type { RunEvent } from '../core/events.ts';
import { operatorNode } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import { formatCount, formatTime, roundMs } from './format.ts';
import { notClimbed, type Judged } from './rung-judged.ts';
import type { AttemptLog } from './rungs.ts';

type Report = Extract<RunEvent, { readonly type: 'agent-report' }>;

/** What an agent told before it was stopped may arrive so much later: it tells every half second, and is read as often. */
const lateMs = 1_500;

/**
 * Removed: no agent counted a request, and no node ran one, for the whole quiet time, and the API holds nothing of them at
 * its end, or a kubelet in back-off starts them later. None of these sources is the command that removed them.
 */
export function judgeRemoval(fromMs: number, { step, quiet, ended }: AttemptLog, { events, nodes }: Evidence): Judged {
  if (!quiet) return notClimbed(ended?.message ?? '');
  const measuredMs = roundMs(quiet.fromMs - fromMs);
  const lastedMs = quiet.toMs - quiet.fromMs;
  const left = quiet.objects ?? null;
  const told = (outcome: Judged['outcome'], text: string): Judged => ({ outcome, measuredMs, text });
  if (quiet.running.length > 0) return told('broken', `crictl: ${quiet.running.join(', ')} ran again`);
  const requests = requestsSince(quiet.fromMs + lateMs, quiet.toMs, events);
  if (requests > 0) return told('broken', `the agents counted ${formatCount(requests, 'request')} more`);
  if (left !== null && left.length > 0)
    return told('broken', `${left.join(' and ')} are still there: they may start again`);
  const unread = nodes.filter((node) => node !== operatorNode && !wasRead(node, quiet.fromMs, quiet.toMs, events));
  if (unread.length > 0) return told('unknown', `the prober on ${unread.join(' and ')} could not be read`);
  if (quiet.failedLooks > 0) return told('unknown', `${formatCount(quiet.failedLooks, 'look')} at the nodes failed`);
  if (left === null) return told('unknown', 'the API could not be asked whether DaemonSet and pods are gone');
  if (lastedMs < step.quietMs) return told('unknown', `looked at for ${formatTime(lastedMs)} only`);
  const text = `no request counted and no container running for ${formatTime(lastedMs)} (${formatCount(quiet.looks, 'look')}), DaemonSet and pods gone`;
  return told(measuredMs <= step.rung.withinMs ? 'kept' : 'broken', text);
}

/** Requests that any agent counted in this time, beyond what it had counted before; a new one begins at 0. */
function requestsSince(fromMs: number, toMs: number, events: readonly RunEvent[]): number {
  const before = new Map<string, number>();
  let more = 0;
  for (const { pod, requests, atMs } of events.filter((event): event is Report => event.type === 'agent-report')) {
    if (atMs > toMs) continue;
    if (atMs >= fromMs) more += Math.max(0, requests - (before.get(pod) ?? 0));
    before.set(pod, requests);
  }
  return more;
}

/** Where nobody read the prober, agents may have told it what they like. */
function wasRead(node: string, fromMs: number, toMs: number, events: readonly RunEvent[]): boolean {
  return events.some(
    (event) =>
      event.type === 'samples' &&
      event.node === node &&
      event.monotonicMs >= toMs - 2_000 &&
      event.monotonicMs >= fromMs,
  );
}
