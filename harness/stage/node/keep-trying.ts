import type { Clock } from '../../core/clock.ts';
import { StatusError } from '../client/status-error.ts';

export interface KeepTryingOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Wait after the first failure, doubled up to the cap (wall milliseconds). Default 1 s and 10 s. */
  readonly firstMs?: number;
  readonly capMs?: number;
  readonly onFailure?: (problem: unknown) => void;
}

/** Does something until it works, not sooner than a server asks for. Rejects as soon as `signal` is aborted. */
export async function keepTrying(work: () => Promise<void>, options: KeepTryingOptions): Promise<void> {
  const { clock, signal, firstMs = 1_000, capMs = 10_000, onFailure } = options;
  for (let delayMs = firstMs; ; delayMs = Math.min(delayMs * 2, capMs)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (problem) {
      onFailure?.(problem);
      const askedS = problem instanceof StatusError ? (problem.retryAfterS ?? 0) : 0;
      await clock.sleep(Math.max(delayMs, askedS * 1_000), signal);
    }
  }
}

/**
 * Gives what to call after every change. It has `work` done until it works, and again when there was a change
 * meanwhile; changes at the same moment count once.
 */
export function afterChanges(work: () => Promise<void>, options: KeepTryingOptions): () => void {
  let isBusy = false;
  let isDirty = false;
  const run = async (): Promise<void> => {
    await Promise.resolve();
    while (isDirty && !options.signal.aborted) {
      isDirty = false;
      await keepTrying(work, options).catch(() => undefined);
    }
    isBusy = false;
  };
  return () => {
    isDirty = true;
    if (!isBusy) void run();
    isBusy = true;
  };
}
