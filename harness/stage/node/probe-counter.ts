import type { ProbeSpec } from './pod.ts';

/** Kubernetes' defaults. */
const defaultFailures = 3;

/** Turns single tries into a result: it changes only after enough equal tries in a row. */
export class ProbeCounter {
  readonly #thresholds: { readonly success: number; readonly failure: number };
  #last: boolean | undefined;
  #inARow = 0;

  constructor({ successThreshold = 1, failureThreshold = defaultFailures }: ProbeSpec) {
    this.#thresholds = { success: successThreshold, failure: failureThreshold };
  }

  /** The result that a try leads to; undefined while there were not enough equal ones. */
  observe(succeeded: boolean): boolean | undefined {
    this.#inARow = succeeded === this.#last ? this.#inARow + 1 : 1;
    this.#last = succeeded;
    const needed = succeeded ? this.#thresholds.success : this.#thresholds.failure;
    return this.#inARow >= needed ? succeeded : undefined;
  }
}
