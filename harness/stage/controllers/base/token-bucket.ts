import type { Clock } from '../../../core/clock.ts';

/** So many at once, then so many per second. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #refilledMs: number;

  constructor(clock: Clock, { burst, perSecond }: { readonly burst: number; readonly perSecond: number }) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#refilledMs = clock.monotonicMs();
  }

  /** Takes one, if there is one now. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes one in any case; the milliseconds until it is there. */
  reserveMs(): number {
    this.#refill();
    this.#tokens -= 1;
    return Math.max(0, (-this.#tokens / this.#perSecond) * 1_000);
  }

  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#refilledMs) / 1_000) * this.#perSecond);
    this.#refilledMs = nowMs;
  }
}
