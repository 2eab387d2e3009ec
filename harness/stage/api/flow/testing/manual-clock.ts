import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../../core/clock.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on, waking sleepers one by one at their time; resolves when what they set off has come to rest. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export function manualClock(): ManualClock {
  const sleepers = new Set<Sleeper>();
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const interrupt = (): void => {
          sleepers.delete(sleeper);
          reject(new Error('Interrupted'));
        };
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        if (signal?.aborted) interrupt();
        signal?.addEventListener('abort', interrupt, { once: true });
      }),
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await nextTurn();
      for (;;) {
        const next = [...sleepers].toSorted((a, b) => a.atMs - b.atMs)[0];
        if (!next || next.atMs > untilMs) break;
        sleepers.delete(next);
        nowMs = next.atMs;
        next.wake();
        await nextTurn();
      }
      nowMs = untilMs;
    },
  };
}
