import type { Clock } from '../../../core/clock.ts';
import { hasCode } from '../../client/status-error.ts';
import { TokenBucket } from './token-bucket.ts';

/** Brings one object closer to what is wanted. Gives milliseconds when it wants to look again, whatever happens. */
export type Reconcile = (key: string) => Promise<number | undefined>;

export interface WorkQueueOptions {
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  /** Told what failed; a conflict (409) is not: it only means "look again". */
  readonly onError: (key: string, problem: unknown) => void;
  /** Keys that are worked on at once. Default 4. */
  readonly workers?: number;
}

const firstRetryMs = 5;
/** Short, because nothing here restarts when the API comes back: this is how late a retry is then. */
const lastRetryMs = 10_000;
/** Retries of all keys together (client-go). */
const retryLimits = { burst: 100, perSecond: 10 };

/**
 * Keys to work on. A key is worked on by one at a time; added meanwhile, it is worked on once more. A failure is tried
 * again after 5 ms, doubled up to 10 s, and all keys together not more often than 10 times a second.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #timers = new Map<string, { readonly dueMs: number; readonly stop: AbortController }>();
  readonly #failures = new Map<string, number>();
  readonly #retries: TokenBucket;
  #running = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#retries = new TokenBucket(options.clock, retryLimits);
  }

  add(key: string): void {
    this.#waiting.add(key);
    this.#work();
  }

  /** Of several delays the shortest counts. */
  addAfter(key: string, delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs;
    const pending = this.#timers.get(key);
    if (pending && pending.dueMs <= dueMs) return;
    pending?.stop.abort();
    const stop = new AbortController();
    this.#timers.set(key, { dueMs, stop });
    clock.sleep(delayMs, stop.signal).then(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      () => undefined,
    );
  }

  /** Begins to work; what was added before waits for this. */
  start(): void {
    this.#running = true;
    this.#work();
  }

  stop(): void {
    this.#running = false;
    for (const { stop } of this.#timers.values()) stop.abort();
    this.#timers.clear();
  }

  #work(): void {
    const { workers = 4 } = this.#options;
    for (const key of this.#waiting) {
      if (!this.#running || this.#active.size >= workers) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.add(key);
      void this.#workOn(key);
    }
  }

  async #workOn(key: string): Promise<void> {
    try {
      const againMs = await this.#options.reconcile(key);
      this.#failures.delete(key);
      if (againMs !== undefined && this.#running) this.addAfter(key, againMs);
    } catch (problem) {
      if (this.#running) this.#retry(key, problem);
    } finally {
      this.#active.delete(key);
      this.#work();
    }
  }

  #retry(key: string, problem: unknown): void {
    if (!hasCode(problem, 409)) this.#options.onError(key, problem);
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.max(this.#retries.reserveMs(), Math.min(firstRetryMs * 2 ** failures, lastRetryMs)));
  }
}
