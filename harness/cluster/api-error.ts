import { BlackstartError } from '../core/errors.ts';

/** An API call that was answered with an error, or not at all. */
export class ApiError extends BlackstartError {
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, cause?: unknown) {
    super('cluster', message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}
