/** What went wrong, as a word that code can compare. The exit code of each stands in `exit-codes.ts`. */
export type ErrorCode =
  | 'usage' // the command line is wrong
  | 'invalid-experiment' // the experiment, a parameter or a file the user gave does not hold up
  | 'foreign-cluster' // the cluster is not one of ours
  | 'environment' // Docker, kind, kubectl, helm or a host limit is missing
  | 'interrupted' // a signal ended the run
  | 'timeout' // something did not happen in time
  | 'command-failed' // a program that we called failed
  | 'cluster' // a cluster did not do what it was asked
  | 'prober' // the prober cannot be read
  | 'internal'; // our own fault

export interface ErrorDetails {
  /** What the reader can do next: an imperative sentence or a command. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The only error type that Blackstart throws on purpose. */
export class BlackstartError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'BlackstartError';
    this.code = code;
    this.hint = details.hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
