import { isCrowdedOut } from '../core/sample.ts';
import { operatorNode } from '../plan/plan.ts';
import { seriesOn, type Evidence } from './evidence.ts';
import { formatCount, formatTime } from './format.ts';
import type { RungResult } from './result.ts';
import type { AttemptLog } from './rungs.ts';
import { lostIn } from './series.ts';

/** Fewer calls that the crowd kept out may be bad luck; other failures, as a 403, are no lock-out. */
const leastFailures = 5;

type Control = RungResult['control'];

/** Whether the normal path was down just before the rung, while nothing was done. */
export function judgeControl({ step, control, calls }: AttemptLog, evidence: Evidence): Control {
  const series = seriesOn(operatorNode, step.lane, evidence);
  if (!control || !series) return { outcome: 'unknown', durationMs: null, failures: 0, text: 'it was not looked at' };
  const { fromMs, toMs } = control;
  const durationMs = Math.round(toMs - fromMs);
  const begun = series.samples.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  const failures = begun.filter(isCrowdedOut).length;
  const told = (outcome: Control['outcome'], text: string): Control => ({ outcome, durationMs, failures, text });
  const successes = begun.filter(({ ok }) => ok).length;
  if (successes > 0) {
    const of = `${formatCount(successes, 'call')} of the normal admin got through in the ${formatTime(durationMs)} before`;
    return told('open', of);
  }
  const open = calls.find(({ status }) => isControlCall(step) && status !== null && status >= 200 && status < 300);
  if (open) return told('open', `the normal admin's own ${open.call} was answered ${open.status}`);
  const lost = lostIn(series, fromMs, toMs).length;
  if (lost > 0) return told('unknown', `${formatCount(lost, 'sample')} of lane ${step.lane} missing`);
  if (failures < leastFailures)
    return told(
      'unknown',
      `only ${formatCount(failures, 'call')} without an answer in time, or with 429, in ${formatTime(durationMs)}`,
    );
  return told('locked-out', `${formatCount(failures, 'call')} failed in ${formatTime(durationMs)}, none got through`);
}

/** A rung that promises nothing and goes the normal way is the control itself: it must fail. */
export function isControlCall({ rung }: AttemptLog['step']): boolean {
  return rung.promises.length === 0 && rung.way.way === 'call' && rung.way.credential === 'admin';
}
