import type { RunEvent } from '../core/events.ts';
import { alarmAtMs, firstDataPlaneErrorMs } from './alarm.ts';
import type { Evidence } from './evidence.ts';
import { roundMs, roundMsOrNull } from './format.ts';
import { longestLockOut } from './lock-out.ts';
import type { Result } from './result.ts';

type Measured = Pick<Result['measures'], 'lockOuts' | 'alarmMs' | 'detectionLeadMs'>;

/** How long operators were locked out, and how long before the data plane failed they were told. */
export function operatorMeasures(evidence: Evidence): Measured {
  const { plan, series, moments } = evidence;
  const lanes = plan.lanes.filter((lane) => lane.probe.kind === 'operator');
  const fromMs = moments.firstFaultMs;
  const healMs = moments.healStartMs ?? moments.endMs;
  const lockOuts = lanes.map(({ name }) => {
    const found = fromMs === null ? undefined : longestLockOut(series(name), fromMs, moments.endMs);
    return [name, found ? outage(found) : null] as const;
  });
  const alarm = plan.expectations.find((expectation) => expectation.kind === 'alarms');
  const alarmMs = alarm && fromMs !== null ? alarmAtMs(series(alarm.lane), alarm.rule, fromMs, healMs) : null;
  const errorMs = alarmMs === null ? null : firstDataPlaneErrorMs(evidence);
  return {
    lockOuts: Object.fromEntries(lockOuts),
    alarmMs: roundMsOrNull(alarmMs),
    detectionLeadMs: roundMsOrNull(alarmMs === null || errorMs === null ? null : errorMs - alarmMs),
  };
}

function outage({ startMs, endMs, open }: { startMs: number; endMs: number; open: boolean }) {
  return { startMs: roundMs(startMs), durationMs: roundMs(endMs - startMs), open };
}

/** The last report of every agent, one entry for each configuration that it ran. */
export function agentResults(events: readonly RunEvent[]): Result['agents'] {
  const last = new Map<string, Result['agents'][number]>();
  for (const event of events) {
    if (event.type !== 'agent-report') continue;
    const { node, pod, mode, nodes, requests, ok, refused, forbidden, failed, bytes } = event;
    last.set(pod, { node, pod, mode, nodes, requests, ok, refused, failed: failed + forbidden, bytes });
  }
  return [...last.values()];
}

export function commandResults(events: readonly RunEvent[]): Result['commands'] {
  return events.flatMap((event) => {
    if (event.type !== 'operator-command') return [];
    const { name, command, startMs, durationMs, exitCode, output } = event;
    return [{ name, command, startMs: roundMs(startMs), durationMs: roundMs(durationMs), exitCode, output }];
  });
}
