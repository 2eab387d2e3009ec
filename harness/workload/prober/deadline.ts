import { HopFailure } from './outcome.ts';

/**
 * Rejects with reason `timeout` after `ms`. Timers run before sockets are read: what arrived while this process was
 * stopped or starved gets its turn first, or the prober's own lateness would look like a failure of the cluster.
 * Gives what cancels it.
 */
export function deadline(ms: number, reject: (problem: HopFailure) => void): () => void {
  const timer = setTimeout(() => setImmediate(() => reject(new HopFailure('timeout'))), Math.max(0, ms));
  return () => clearTimeout(timer);
}
