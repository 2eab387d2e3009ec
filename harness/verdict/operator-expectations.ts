import type { PlannedExpectation } from '../plan/plan.ts';
import { alarmAtMs, firstDataPlaneErrorMs } from './alarm.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatCount, formatTime } from './format.ts';
import { longestLockOut } from './lock-out.ts';
import { lostIn, type Series } from './series.ts';

type Of<Kind> = Extract<PlannedExpectation, { kind: Kind }>;

/** Expectations about what an operator sees: the API, not the data plane. */

export function locksOut(node: string, { lane, atLeastMs }: Of<'locks-out'>, evidence: Evidence): Finding {
  const { firstFaultMs, healStartMs } = evidence.moments;
  const series = seriesOn(node, lane, evidence);
  if (!series || firstFaultMs === null || healStartMs === null) return tooShort;
  const found = longestLockOut([series], firstFaultMs, healStartMs);
  const isLongEnough = found !== undefined && found.endMs - found.startMs >= atLeastMs;
  // A sample that is missing within the stretch may have been a success.
  const lost = lostIn(series, firstFaultMs, healStartMs).filter(
    ({ dueMs }) => found && dueMs >= found.startMs && dueMs < found.endMs,
  );
  if (isLongEnough && lost.length > 0) {
    return { outcome: 'unknown', measured: `${formatCount(lost.length, 'sample')} of the lock-out are missing` };
  }
  if (!found) return { outcome: 'not-met', measured: 'never 5 failures in a row' };
  const lasted = formatTime(found.endMs - found.startMs);
  return {
    outcome: isLongEnough ? 'met' : 'not-met',
    measured: `no success for ${lasted}${found.open ? ', to the heal' : ''}`,
  };
}

export function alarms(node: string, { lane, rule }: Of<'alarms'>, evidence: Evidence): Finding {
  const { firstFaultMs, healStartMs } = evidence.moments;
  const series = seriesOn(node, lane, evidence);
  if (!series || firstFaultMs === null || healStartMs === null) return tooShort;
  const alarmMs = alarmAtMs([series], rule, firstFaultMs, healStartMs);
  if (alarmMs === null) return { outcome: 'not-met', measured: 'no alarm' };
  const errorMs = firstDataPlaneErrorMs(evidence);
  const after = `alarm ${formatTime(alarmMs - firstFaultMs)} after the first fault`;
  if (errorMs === null) return { outcome: 'unknown', measured: `${after}; the data plane never failed` };
  const leadMs = errorMs - alarmMs;
  return leadMs > 0
    ? { outcome: 'met', measured: `${after}, ${formatTime(leadMs)} before the data plane failed` }
    : { outcome: 'not-met', measured: `${after}, ${formatTime(-leadMs)} after the data plane failed` };
}

export function staysQuiet(node: string, { lane, rule }: Of<'stays-quiet'>, evidence: Evidence): Finding {
  const { firstFaultMs, probingStartMs } = evidence.moments;
  const series = seriesOn(node, lane, evidence);
  if (!series || firstFaultMs === null || probingStartMs === null) return tooShort;
  const alarmMs = alarmAtMs([series], rule, probingStartMs, firstFaultMs);
  if (alarmMs !== null) {
    return { outcome: 'not-met', measured: `alarm ${formatTime(firstFaultMs - alarmMs)} before the first fault` };
  }
  if (lostIn(series, probingStartMs, firstFaultMs).length > 0) {
    return { outcome: 'unknown', measured: 'samples are missing' };
  }
  return { outcome: 'met', measured: `no alarm in ${formatTime(firstFaultMs - probingStartMs)}` };
}

const tooShort: Finding = { outcome: 'unknown', measured: 'the log ends before the heal' };

function seriesOn(node: string, lane: string, evidence: Evidence): Series | undefined {
  return evidence.series(lane).find((one) => one.node === node);
}
