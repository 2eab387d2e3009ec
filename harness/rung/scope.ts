import { messageOf } from '../core/errors.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import type { RungContext, Scope } from './context.ts';

/**
 * Opens the scope of one attempt, from now on. `close` takes everything back that is not yet, newest first; what cannot be
 * taken back keeps nothing else from it, and is told at the end.
 */
export function openScope(step: PlannedAttempt, context: RungContext): Scope & { close(): Promise<void> } {
  const { emit, nowMs, perform, takeBack } = context;
  const ends: (() => Promise<void>)[] = [];
  const act: Scope['act'] = async (what, work) => {
    const startMs = nowMs();
    const tell = (ok: boolean, message: string): void => {
      const durationMs = Math.round(nowMs() - startMs);
      emit({ type: 'rung-act', attempt: step.name, act: what, startMs: Math.round(startMs), durationMs, ok, message });
    };
    try {
      tell(true, await work());
    } catch (problem) {
      tell(false, messageOf(problem));
      throw problem;
    }
  };
  return {
    step,
    fromMs: nowMs(),
    act,
    atEnd: (work) => ends.push(work),
    takeBack: async (change) => {
      await act(`undo: ${change.describe}`, async () => {
        await takeBack(change);
        return '';
      });
    },
    perform: async (change) => {
      // Before it is made: what is half made is taken back, too.
      ends.push(async () => await takeBack(change));
      await act(change.describe, async () => {
        await perform(change);
        return '';
      });
    },
    close: async () => {
      const problems: unknown[] = [];
      for (const end of ends.toReversed()) await end().catch((problem: unknown) => problems.push(problem));
      if (problems.length > 0) throw problems[0];
    },
  };
}
