/** A call to the API that failed. */
export class StatusError extends Error {
  /** HTTP status; undefined when there was no answer (refused, reset, timed out). */
  readonly code: number | undefined;
  /** `NotFound`, `Conflict`, `Expired`… as the API's Status says. */
  readonly reason: string | undefined;
  /** Seconds to wait before the next try, when the API said so (429). */
  readonly retryAfterS: number | undefined;

  constructor(
    message: string,
    details: { code?: number; reason?: string | undefined; retryAfterS?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'StatusError';
    this.code = details.code;
    this.reason = details.reason;
    this.retryAfterS = details.retryAfterS;
  }
}

/** True for a StatusError with one of these HTTP codes. */
export function hasCode(problem: unknown, ...codes: number[]): boolean {
  return problem instanceof StatusError && problem.code !== undefined && codes.includes(problem.code);
}

/** From a Status object (an error body, or the object of an ERROR event); `fallback` is for bodies that are none. */
export function statusError(
  status: unknown,
  fallback: { message: string; code?: number; retryAfterS?: number | undefined },
): StatusError {
  const { message, reason, code } = (status ?? {}) as { message?: unknown; reason?: unknown; code?: unknown };
  const known = typeof code === 'number' ? code : fallback.code;
  return new StatusError(typeof message === 'string' && message !== '' ? message : fallback.message, {
    ...(known !== undefined && { code: known }),
    reason: typeof reason === 'string' ? reason : undefined,
    retryAfterS: fallback.retryAfterS,
  });
}
