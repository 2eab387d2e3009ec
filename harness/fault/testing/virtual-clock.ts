import { BlackstartError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';

/** A clock that jumps to the next thing to happen as soon as everybody sleeps. Nothing really waits. */
export interface VirtualClock extends Clock {
  /** Does something to the world so many milliseconds from now. */
  after(ms: number, happening: () => void): void;
}

interface Waiting {
  readonly atMs: number;
  readonly wake: () => void;
}

export function virtualClock(): VirtualClock {
  const waiting: Waiting[] = [];
  let nowMs = 0;
  let isPumping = false;
  const pump = (): void => {
    isPumping = false;
    const next = waiting.toSorted((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined) return;
    waiting.splice(waiting.indexOf(next), 1);
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
    schedule();
  };
  // Every microtask of those who woke up runs before the next immediate: by then all of them sleep again.
  const schedule = (): void => {
    if (isPumping || waiting.length === 0) return;
    isPumping = true;
    setImmediate(pump);
  };
  const after = (ms: number, wake: () => void): void => {
    waiting.push({ atMs: nowMs + ms, wake });
    schedule();
  };
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(nowMs),
    after,
    sleep: async (ms, signal) => {
      await new Promise<void>((resolve, reject) => {
        const interrupted = (): void => reject(new BlackstartError('interrupted', 'Interrupted while waiting'));
        if (signal?.aborted) {
          interrupted();
          return;
        }
        signal?.addEventListener('abort', interrupted, { once: true });
        after(ms, () => {
          signal?.removeEventListener('abort', interrupted);
          resolve();
        });
      });
    },
  };
}
