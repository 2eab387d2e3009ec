/** A moment of a run, as people read it: `T+83.2s`. */
export function clock(ms: number): string {
  return `T+${(ms / 1_000).toFixed(1)}s`;
}
