import type { PlannedExpectation } from '../plan/plan.ts';
import { alarmAtMs, firstDataPlaneErrorMs } from './alarm.ts';
import { seriesOn, type Evidence } from './evidence.ts';
import type { Finding } from './expectations.ts';
import { formatCount, formatShare, formatTime } from './format.ts';
import { longestLockOut } from './lock-out.ts';
import { dueBetween, lostIn } from './series.ts';

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
    return { outcome: 'unknown', measured: `missing of the lock-out: ${formatCount(lost.length, 'sample')}` };
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

export function staysQuiet(node: string, expectation: Of<'stays-quiet'>, evidence: Evidence): Finding {
  const { lane, before, rule } = expectation;
  const { probingStartMs } = evidence.moments;
  const series = seriesOn(node, lane, evidence);
  const fault = evidence.events.find((event) => event.type === 'fault-started' && event.fault === before);
  if (!series || !fault || probingStartMs === null) return { outcome: 'unknown', measured: `${before} never began` };
  const faultMs = fault.monotonicMs;
  // What was under way when the fault began says nothing about what was before it.
  const ended = { ...series, samples: series.samples.filter(({ endMs }) => endMs < faultMs) };
  const alarmMs = alarmAtMs([ended], rule, probingStartMs, faultMs);
  if (alarmMs !== null)
    return { outcome: 'not-met', measured: `alarm ${formatTime(faultMs - alarmMs)} before ${before}` };
  if (lostIn(series, probingStartMs, faultMs).length > 0)
    return { outcome: 'unknown', measured: 'samples are missing' };
  return { outcome: 'met', measured: `no alarm in ${formatTime(faultMs - probingStartMs)}` };
}

export function getsThrough(node: string, { lane, share }: Of<'gets-through'>, evidence: Evidence): Finding {
  const { firstFaultMs, healStartMs } = evidence.moments;
  const series = seriesOn(node, lane, evidence);
  if (!series || firstFaultMs === null || healStartMs === null) return tooShort;
  const samples = dueBetween(series.samples, firstFaultMs, healStartMs);
  const lost = lostIn(series, firstFaultMs, healStartMs).length;
  const good = samples.filter((sample) => sample.ok).length;
  const all = samples.length + lost;
  const measured = all === 0 ? 'no call' : `${formatShare(good / all)} of ${formatCount(all, 'call')}`;
  if (all > 0 && good / all >= share) return { outcome: 'met', measured };
  return { outcome: all === 0 || (good + lost) / all >= share ? 'unknown' : 'not-met', measured };
}

const tooShort: Finding = { outcome: 'unknown', measured: 'the log ends before the heal' };
