/** What one probe found, in the order of its hops. Times are milliseconds; -1: it did not come to that. */
export interface ProbeResult {
  /** `ok`, or the hop that failed and why, for example `resolve:SERVFAIL`. */
  readonly outcome: string;
  readonly resolveMs: number;
  readonly connectMs: number;
  readonly requestMs: number;
  readonly ttlS: number;
}

/** Sends one probe. Never rejects: whatever goes wrong is an outcome. */
export type Probe = () => Promise<ProbeResult>;

/** A probe and how to let go of what it holds. */
export interface LaneProbe {
  readonly probe: Probe;
  close(): void;
}

/** A hop that failed, with the reason as it stands in the outcome: `refused`, `timeout`, `SERVFAIL`. */
export class HopFailure extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'HopFailure';
    this.reason = reason;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
};

/** The reason behind anything that a socket threw. Unknown errors keep their own code, so that nothing is hidden. */
export function reasonOf(problem: unknown): string {
  if (problem instanceof HopFailure) return problem.reason;
  const code = (problem as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return 'error';
  if (code.startsWith('HPE_')) return 'malformed';
  return reasons[code] ?? code;
}
