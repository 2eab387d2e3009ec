import type { Clock } from '../../../core/clock.ts';
import type { Random } from '../../../core/random.ts';
import type { StageClient } from '../../client/types.ts';
import type { Caches } from './caches.ts';
import type { RecordEvent } from './events.ts';
import { WorkQueue, type Reconcile } from './work-queue.ts';

/** What every controller works with. */
export interface Context {
  readonly client: StageClient;
  readonly caches: Caches;
  readonly record: RecordEvent;
  readonly clock: Clock;
  readonly random: Random;
  /** PEM text, for the kube-root-ca.crt of each namespace. */
  readonly rootCa: string;
  readonly onError: (what: string, problem: unknown) => void;
}

export interface Controller {
  /** Called when the caches are filled. */
  start(): void;
  stop(): void;
}

/** A queue of a controller, which is then started and stopped with it. */
export function openQueue(context: Context, name: string, reconcile: Reconcile, workers?: number): WorkQueue {
  return new WorkQueue({
    reconcile,
    clock: context.clock,
    onError: (key, problem) => context.onError(`${name} ${key}`, problem),
    ...(workers !== undefined && { workers }),
  });
}

/** A controller that does the same again and again; what fails is reported, and tried again at the next turn. */
export function everyMs(context: Context, name: string, periodMs: number, turn: () => Promise<void>): Controller {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await turn().catch((problem: unknown) => context.onError(name, problem));
      await context.clock.sleep(periodMs, stopped.signal).catch(() => undefined);
    }
  };
  return { start: () => void run(), stop: () => stopped.abort() };
}
