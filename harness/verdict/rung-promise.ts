import type { RungPromise } from '../experiment/rung-spec.ts';
import { operatorNode } from '../plan/plan.ts';
import { seriesOn, type Evidence } from './evidence.ts';
import { formatCount, formatTime, roundMs } from './format.ts';
import type { RungResult } from './result.ts';
import { notClimbed, type Judged } from './rung-judged.ts';
import { judgeRemoval } from './rung-removal.ts';
import type { AttemptLog } from './rungs.ts';
import { lostIn } from './series.ts';

type PromiseResult = RungResult['promises'][number];

/** So many successes in a row, as many as it takes failures for a lock-out. */
const inARow = 5;

/** Whether a promise was kept within its time. */
export function judgePromise(promise: RungPromise, log: AttemptLog, evidence: Evidence): PromiseResult {
  const { ended, step } = log;
  const limitMs = step.rung.withinMs;
  const judged = ended?.outcome === 'tried' && ended.fromMs !== null ? judge(promise, ended.fromMs) : notTried;
  return { promise, limitMs, ...judged };

  function judge(what: RungPromise, fromMs: number): Judged {
    switch (what) {
      case 'read':
      case 'write':
        return judgeCall(what, fromMs, log);
      case 'relieve':
        return judgeRelief(fromMs, log, evidence);
      case 'remove':
        return judgeRemoval(fromMs, log, evidence);
    }
  }
}

const notTried: Judged = { outcome: 'unknown', measuredMs: null, text: 'it was not tried' };

/** The end of the first of five calls in a row that succeeded: one that got through may have been lucky. */
function judgeCall(call: 'read' | 'write', fromMs: number, { calls, step, ended }: AttemptLog): Judged {
  const found = calls.find((one) => one.call === call);
  if (!found) return notClimbed(ended?.message ?? '');
  const { status, startMs, durationMs, readBack, message, through, readBackThrough, inARow: row } = found;
  const answer = status === null ? `no answer through ${through}` : `status ${status} through ${through}`;
  const why = message === '' ? '' : `: ${message}`;
  const isSuccess = status !== null && status >= 200 && status < 300 && readBack !== false;
  if (!isSuccess) return { outcome: 'broken', measuredMs: null, text: `${answer}${why}` };
  if (row === undefined) {
    return { outcome: 'unknown', measuredMs: null, text: `${answer}; not known whether ${inARow} in a row succeeded` };
  }
  if (row < inARow) {
    const text = `${answer} in the end, but never ${inARow} in a row${why}`;
    return { outcome: 'broken', measuredMs: null, text };
  }
  const measuredMs = roundMs(startMs + durationMs - fromMs);
  const text = readBack === true ? `${answer}, read back through ${readBackThrough}` : answer;
  return { outcome: measuredMs <= step.rung.withinMs ? 'kept' : 'broken', measuredMs, text };
}

/** The moment of the first of five calls in a row that got through, from the samples of the normal admin. */
function judgeRelief(fromMs: number, { step, overMs, ended }: AttemptLog, evidence: Evidence): Judged {
  const series = seriesOn(operatorNode, step.lane, evidence);
  if (!series) return { outcome: 'unknown', measuredMs: null, text: 'the normal admin was not probed' };
  const limitMs = step.rung.withinMs;
  const begun = series.samples.filter(({ startMs }) => startMs >= fromMs && startMs < overMs);
  let row: typeof begun = [];
  for (const sample of begun) {
    row = sample.ok ? [...row, sample] : [];
    const [first] = row;
    if (row.length < inARow || !first) continue;
    const measuredMs = roundMs(first.endMs - fromMs);
    const text = `the normal admin's calls got through from then on, ${inARow} in a row at least`;
    return { outcome: measuredMs <= limitMs ? 'kept' : 'broken', measuredMs, text };
  }
  const good = begun.filter(({ ok }) => ok).length;
  const text = `${good} of ${formatCount(begun.length, 'call')} of the normal admin got through, never ${inARow} in a row`;
  const lost = lostIn(series, fromMs, Math.min(overMs, fromMs + limitMs)).length;
  if (lost > 0)
    return { outcome: 'unknown', measuredMs: null, text: `${text}; ${formatCount(lost, 'sample')} missing` };
  const lookedForMs = (begun.at(-1)?.startMs ?? fromMs) - fromMs;
  // What was not climbed was not waited for.
  if (ended?.message !== '' && ended !== undefined) return notClimbed(`${ended.message}; ${text}`);
  if (lookedForMs >= limitMs - series.intervalMs) return { outcome: 'broken', measuredMs: null, text };
  return { outcome: 'unknown', measuredMs: null, text: `${text} in ${formatTime(lookedForMs)}` };
}
