interface StatusDetails {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly retryAfterS?: number | undefined;
  readonly cause?: unknown;
}

/** A call to the API that failed. */
export class StatusError extends Error {
  /** HTTP status; undefined when there was no answer (refused, reset, timed out). */
  readonly code: number | undefined;
  /** `NotFound`, `Conflict`, `Expired`… as the API's Status says. */
  readonly reason: string | undefined;
  /** Seconds to wait before the next try, when the API said so (429). */
  readonly retryAfterS: number | undefined;

  constructor(message: string, { code, reason, retryAfterS, cause }: StatusDetails = {}) {
    super(message, { cause });
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.retryAfterS = retryAfterS;
  }
}

/** True for a StatusError with one of these HTTP codes. */
export function hasCode(problem: unknown, ...codes: number[]): boolean {
  return problem instanceof StatusError && problem.code !== undefined && codes.includes(problem.code);
}
