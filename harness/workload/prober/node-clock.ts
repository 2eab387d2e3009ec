/** The node's monotonic clock in milliseconds (CLOCK_MONOTONIC: the same for every process on the node). */
export function nodeNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Three decimals: a microsecond is more than any of our times can promise, and rows stay short. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
