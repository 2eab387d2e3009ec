import type { Emit } from '../core/events.ts';
import { messageOf } from '../core/errors.ts';

/** Tells of reads that failed, at most once a second, so that a dead prober does not flood the event log. */
export interface ReadFailures {
  report(problem: unknown): void;
}

const atMostEveryMs = 1_000;

/** One per node and source. */
export function readFailures(
  emit: Emit,
  nowMs: () => number,
  where: { readonly node: string; readonly source: 'prober' | 'cache' },
): ReadFailures {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    report: (problem) => {
      if (nowMs() - lastMs < atMostEveryMs) return;
      lastMs = nowMs();
      emit({ type: 'read-failed', ...where, message: messageOf(problem) });
    },
  };
}
