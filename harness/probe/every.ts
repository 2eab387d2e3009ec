import type { Clock } from '../core/clock.ts';

/**
 * Does `work` again and again, `intervalMs` from start to start, until `signal` is aborted; work that takes longer is
 * followed by the next at once, never overlapped. `work` must not reject.
 */
export async function every(
  intervalMs: number,
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const startMs = clock.monotonicMs();
    await work();
    const restMs = intervalMs - (clock.monotonicMs() - startMs);
    try {
      await clock.sleep(Math.max(1, restMs), signal);
    } catch {
      // Aborted: the loop's condition ends it.
    }
  }
}
