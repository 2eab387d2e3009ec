import type { Random } from '../../core/random.ts';

/** client-go's reflector: the cap holds for the base, so with the jitter the longest wait is a minute. */
const firstMs = 800;
const capMs = 30_000;
const resetAfterMs = 120_000;

/** Waits that double, each with up to its own length again as jitter; small again after 2 minutes without a wait. */
export class BackOff {
  #baseMs = firstMs;
  #lastMs = -Infinity;
  readonly #random: Pick<Random, 'next'>;

  constructor(random: Pick<Random, 'next'>) {
    this.#random = random;
  }

  /** Milliseconds to wait now; `nowMs` is monotonic. */
  nextMs(nowMs: number): number {
    if (nowMs - this.#lastMs > resetAfterMs) this.#baseMs = firstMs;
    this.#lastMs = nowMs;
    const waitMs = this.#baseMs * (1 + this.#random.next());
    this.#baseMs = Math.min(this.#baseMs * 2, capMs);
    return waitMs;
  }
}
