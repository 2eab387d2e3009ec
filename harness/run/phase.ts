import { BlackstartError, messageOf } from '../core/errors.ts';
import type { Phase } from '../core/events.ts';
import type { Stage } from './stage.ts';

/** What an interruption must not end: here everything is undone. */
const undoing: ReadonlySet<Phase> = new Set(['heal', 'teardown']);

/**
 * Runs one phase. `work` gets the stage with a signal of its own, aborted by an interruption (not while undoing) and
 * when the plan's limit is over, so that every wait of the phase ends then; undos do not listen to it. A failure
 * becomes events; the answer is then undefined, as it is for a phase that ended too late.
 */
export async function runPhase<S extends Stage, T>(
  stage: S,
  phase: Phase,
  work: (limited: S) => Promise<T>,
): Promise<T | undefined> {
  const { emit, clock, plan } = stage;
  const over = new AbortController();
  const ended = new AbortController();
  const signal = undoing.has(phase) ? over.signal : AbortSignal.any([stage.signal, over.signal]);
  emit({ type: 'phase-started', phase });
  void clock.sleep(plan.limitsMs[phase], ended.signal).then(
    () => over.abort(),
    // The phase ended within its limit.
    () => undefined,
  );
  try {
    const answer = await work({ ...stage, signal });
    if (over.signal.aborted) return tooLate(stage, phase);
    emit({ type: 'phase-ended', phase, outcome: 'ok' });
    return answer;
  } catch (problem) {
    if (stage.signal.aborted && !undoing.has(phase)) emit({ type: 'phase-ended', phase, outcome: 'interrupted' });
    else if (over.signal.aborted) return tooLate(stage, phase, `: ${messageOf(problem)}`);
    else reportProblem(stage, phase, problem);
    return undefined;
  } finally {
    ended.abort();
  }
}

function tooLate({ emit, plan }: Stage, phase: Phase, why = ''): undefined {
  const message = `Phase ${phase} did not end within its limit of ${plan.limitsMs[phase] / 1_000} s${why}`;
  emit({ type: 'phase-ended', phase, outcome: 'timeout', message });
}

function reportProblem({ emit }: Stage, phase: Phase, problem: unknown): void {
  const known = problem instanceof BlackstartError ? problem : undefined;
  const message = messageOf(problem);
  const hint = known?.hint;
  emit({ type: 'problem', code: known?.code ?? 'internal', message, ...(hint !== undefined && { hint }) });
  emit({ type: 'phase-ended', phase, outcome: 'failed', message });
}
