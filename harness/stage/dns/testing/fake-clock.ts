import type { Clock } from '../../../core/clock.ts';

/** Time that stands still until it is moved; whoever sleeps moves it. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
}

export function fakeClock(): FakeClock {
  let nowMs = 0;
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return {
    monotonicMs: () => nowMs,
    now: () => new Date(nowMs),
    advance,
    // Others get a turn meanwhile.
    sleep: async (ms) => {
      await new Promise((resolve) => setImmediate(resolve));
      advance(ms);
    },
  };
}
