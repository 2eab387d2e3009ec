/** The kubelet's numbers. */
const firstMs = 10_000;
const capMs = 300_000;
/** A container that ran so long begins anew. */
const resetAfterMs = 600_000;

/** When a container that ended may start again: at once the first time, then after 10 s, 20 s, … 5 min. Any clock. */
export class RestartBackOff {
  #delayMs = 0;
  #lastStartMs = 0;

  /** The moment of the next start of what ended at `endedMs`. */
  startAtMs(endedMs: number): number {
    if (this.#delayMs === 0 || endedMs - this.#lastStartMs > resetAfterMs) {
      this.#delayMs = firstMs;
      this.#lastStartMs = endedMs;
      return endedMs;
    }
    this.#lastStartMs = endedMs + this.#delayMs;
    this.#delayMs = Math.min(this.#delayMs * 2, capMs);
    return this.#lastStartMs;
  }

  reset(): void {
    this.#delayMs = 0;
  }
}
