/** The prober's own lateness over the last seconds: tells a starved prober from a slow cluster. */
export class LagWindow {
  readonly #windowMs: number;
  readonly #entries: { readonly atMs: number; readonly lagMs: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, lagMs: number): void {
    this.#entries.push({ atMs, lagMs });
    // Thrown out in bulk: shifting at every sample would cost more than the sample.
    if (this.#entries.length > 2_000 && (this.#entries[1_000]?.atMs ?? atMs) < atMs - this.#windowMs) {
      this.#entries.splice(0, 1_000);
    }
  }

  /** Both 0 when nothing was sent in the window. */
  quantiles(nowMs: number): { readonly p99: number; readonly max: number } {
    const lags = this.#entries
      .filter((entry) => entry.atMs >= nowMs - this.#windowMs)
      .map((entry) => entry.lagMs)
      .toSorted((a, b) => a - b);
    return { p99: lags[Math.ceil(lags.length * 0.99) - 1] ?? 0, max: lags.at(-1) ?? 0 };
  }
}
