import type { Clock } from './clock.ts';
import { BlackstartError, messageOf } from './errors.ts';

export interface PollOptions {
  readonly clock: Clock;
  /** Pause between two tries, wall milliseconds. */
  readonly intervalMs: number;
  /** Wall milliseconds after which polling gives up with code `timeout`. Without it only `signal` ends it. */
  readonly timeoutMs?: number;
  /** What is waited for; becomes part of the error: "Gave up after 30 s waiting for …". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks until the answer is not undefined. A try that throws counts as "not yet"; its message is told when time is up.
 */
export async function poll<T>(attempt: () => Promise<T | undefined> | T | undefined, options: PollOptions): Promise<T> {
  const { clock, intervalMs, timeoutMs = Number.POSITIVE_INFINITY, what, signal } = options;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let lastProblem = '';
  for (;;) {
    if (signal?.aborted) {
      throw new BlackstartError('interrupted', `Interrupted while waiting for ${what}${lastProblem}`);
    }
    try {
      const answer = await attempt();
      if (answer !== undefined) return answer;
    } catch (problem) {
      if (problem instanceof BlackstartError && problem.code === 'interrupted') throw problem;
      lastProblem = `; last problem: ${messageOf(problem)}`;
    }
    if (clock.monotonicMs() >= deadlineMs) {
      throw new BlackstartError('timeout', `Gave up after ${timeoutMs / 1_000} s waiting for ${what}${lastProblem}`);
    }
    try {
      await clock.sleep(intervalMs, signal);
    } catch (problem) {
      // Told above, with what was waited for.
      if (!signal?.aborted) throw problem;
    }
  }
}
