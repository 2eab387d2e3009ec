import { vi } from 'vitest';
import type { Clock } from '../../../core/clock.ts';

/** A clock that moves only when the test says so, by `vi.advanceTimersByTimeAsync`. Call `useFakeClock` before. */
export const fakeClock: Clock = {
  monotonicMs: () => Date.now() - startMs,
  now: () => new Date(),
  sleep: async (ms, signal) => {
    if (ms <= 0) return;
    const woken = Promise.withResolvers<void>();
    const timer = setTimeout(woken.resolve, ms);
    const giveUp = (): void => woken.reject(new Error('aborted'));
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    await woken.promise.finally(() => clearTimeout(timer));
  },
};

const startMs = Date.UTC(2026, 0, 1);

export function useFakeClock(): void {
  vi.useFakeTimers({ now: startMs, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
}
