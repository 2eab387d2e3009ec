/**
 * One probe of one lane, as the prober writes it: a tuple, because there are hundreds in a second.
 * Times are milliseconds; -1 means "did not come to that".
 */
export type SampleRow = readonly [
  /** Counts up by one per lane and session; a missing number is a lost sample. */
  seq: number,
  /** When it was due, on the node's monotonic clock. */
  dueMs: number,
  /** How much later it really started: the prober's own scheduling lag. */
  lagMs: number,
  /** `ok`, or the hop that failed and why: `resolve:SERVFAIL`, `resolve:timeout`, `connect:refused`, `request:503`. */
  outcome: string,
  totalMs: number,
  resolveMs: number,
  connectMs: number,
  requestMs: number,
  /** TTL of the DNS answer in seconds; -1 when there was none. */
  ttlS: number,
];

/** The step of a probe: look the name up, open a connection, ask for an answer. */
export type Hop = 'resolve' | 'connect' | 'request';

/** One probe on the run's own clock (milliseconds since the start of the run). */
export interface Sample {
  readonly seq: number;
  /** When it was due. Open loop: lateness of the prober never hides in here. */
  readonly dueMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly lagMs: number;
  readonly ok: boolean;
  readonly outcome: string;
  readonly totalMs: number;
  readonly resolveMs: number;
  readonly ttlS: number;
}

/** Moves a row from the node's clock to the run's clock. `offsetMs` is run time minus node time. */
export function toSample(row: SampleRow, offsetMs: number): Sample {
  const [seq, dueMs, lagMs, outcome, totalMs, resolveMs, , , ttlS] = row;
  const startMs = dueMs + lagMs + offsetMs;
  return {
    seq,
    dueMs: dueMs + offsetMs,
    startMs,
    endMs: startMs + Math.max(totalMs, 0),
    lagMs,
    ok: outcome === 'ok',
    outcome,
    totalMs,
    resolveMs,
    ttlS,
  };
}

/** The hop at which a sample failed; undefined when it succeeded. */
export function failedHop(sample: Sample): Hop | undefined {
  return sample.ok ? undefined : (sample.outcome.split(':', 1)[0] as Hop);
}

/** True when a call failed as calls do in a crowd: no answer in time, or 429. A 403 or a reset has other causes. */
export function isCrowdedOut({ outcome }: Pick<Sample, 'outcome'>): boolean {
  return /:(timeout|429)$/.test(outcome);
}

/**
 * Two answers that overtake each other may differ by a second, or two on a busy node, without a refresh. A refresh of an
 * entry that ran out brings the TTL up from 0 or 1 to the hold, which is 5 s at least.
 */
const overtakenByS = 2;

/** True when an answer with this TTL came fresh from upstream, after one with that TTL (-1: none before). */
export function isRefreshed(ttlS: number, previousTtlS: number): boolean {
  return previousTtlS < 0 || ttlS > previousTtlS + overtakenByS;
}

/**
 * When a cache refreshed its entry, from the answers alone: between two refreshes the TTL only falls, so an answer
 * whose TTL is clearly higher than the one before came fresh from upstream. Exact to one sampling interval.
 * Takes the samples of one lane on one node in order of time; gives the moments on the run's clock.
 */
export function refreshTimes(samples: readonly Sample[]): number[] {
  const times: number[] = [];
  let previousTtlS = -1;
  for (const sample of samples) {
    if (sample.ttlS < 0) continue;
    if (isRefreshed(sample.ttlS, previousTtlS)) times.push(sample.startMs + Math.max(sample.resolveMs, 0));
    previousTtlS = sample.ttlS;
  }
  return times;
}
