/** How far apart two clocks are, and how sure that is. */
export interface Offset {
  /** Run time minus node time. */
  readonly offsetMs: number;
  /** Half of the round trip in which it was measured: the most by which it can be wrong. */
  readonly errorMs: number;
}

/** A question to the node's clock: asked and answered on the run's clock, stamped on the node's. */
export interface ClockReading {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly nodeMs: number;
}

/** Keeps the best measurement: of all readings, the one with the shortest round trip is the least wrong. */
export class ClockOffset {
  #best: Offset | undefined;

  add({ askedMs, answeredMs, nodeMs }: ClockReading): void {
    const errorMs = (answeredMs - askedMs) / 2;
    if (this.#best && this.#best.errorMs <= errorMs) return;
    this.#best = { offsetMs: round((askedMs + answeredMs) / 2 - nodeMs), errorMs: round(errorMs) };
  }

  /** Forgets everything: the node was restarted, and its clock began anew. */
  reset(): void {
    this.#best = undefined;
  }

  /** Undefined before the first reading. */
  get best(): Offset | undefined {
    return this.#best;
  }
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
