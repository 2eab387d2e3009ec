import { setTimeout as delay } from 'node:timers/promises';
import { BlackstartError } from './errors.ts';

/** Time is injected, so that tests own it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never steps back. On Linux this is the host's CLOCK_MONOTONIC. */
  monotonicMs(): number;
  /** The calendar's time, for people. Never used to measure. */
  now(): Date;
  /** Resolves after wall `ms`; rejects with code `interrupted` as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  now: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (cause) {
      throw new BlackstartError('interrupted', 'Interrupted while waiting', { cause });
    }
  },
};
