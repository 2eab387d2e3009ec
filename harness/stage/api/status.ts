/** Everything that the API server answers with when it does not do what it was asked: `Status` objects. */
import type { Resource } from '../client/types.ts';

/** One field that is wrong, or one conflict of server-side apply. */
export interface StatusCause {
  /** For example `FieldValueInvalid`, `FieldValueRequired`, `FieldManagerConflict`. */
  readonly reason: string;
  readonly message: string;
  /** For example `spec.replicas`; the path of a conflict begins with a dot. */
  readonly field?: string;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural, as Kubernetes has it here; the kind for 422. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
}

/** A refusal. What is thrown inside a request becomes its answer; anything else that is thrown becomes a 500. */
export class ApiStatus extends Error {
  /** The HTTP status. */
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** Also sent as the header Retry-After. */
  readonly retryAfterS: number | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails, retryAfterS?: number) {
    super(message);
    this.name = 'ApiStatus';
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.retryAfterS = retryAfterS;
  }

  toObject(): Record<string, unknown> {
    const retry = this.retryAfterS === undefined ? undefined : { retryAfterSeconds: this.retryAfterS };
    const details = this.details || retry ? { ...this.details, ...retry } : undefined;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(details && { details }),
      code: this.code,
    };
  }
}

type Kind = Pick<Resource, 'group' | 'plural'>;

export const badRequest = (message: string): ApiStatus => new ApiStatus(400, 'BadRequest', message);

export const unauthorized = (message = 'Unauthorized'): ApiStatus => new ApiStatus(401, 'Unauthorized', message);

export const forbidden = (message: string, details?: StatusDetails): ApiStatus =>
  new ApiStatus(403, 'Forbidden', message, details);

/** Without a kind: the path itself leads nowhere. */
export function notFound(kind?: Kind, name = ''): ApiStatus {
  if (!kind) return new ApiStatus(404, 'NotFound', 'the server could not find the requested resource', {});
  return new ApiStatus(404, 'NotFound', `${qualified(kind)} "${name}" not found`, detailsOf(kind, name));
}

export const alreadyExists = (kind: Kind, name: string): ApiStatus =>
  new ApiStatus(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, detailsOf(kind, name));

/** `problem` is a sentence without a full stop; `causes` name managers and fields when an apply conflicts. */
export function conflict(kind: Kind, name: string, problem: string, causes?: readonly StatusCause[]): ApiStatus {
  const message = `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${problem}`;
  return new ApiStatus(409, 'Conflict', message, { ...detailsOf(kind, name), ...(causes && { causes }) });
}

/** The conflict of server-side apply, whose message stands alone. */
export const applyConflict = (message: string, causes: readonly StatusCause[]): ApiStatus =>
  new ApiStatus(409, 'Conflict', message, { causes });

/** A resourceVersion or continue token that is too old. */
export const gone = (message: string): ApiStatus => new ApiStatus(410, 'Expired', message);

/** 422; `kind` is the object's kind, not the plural. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  causes: readonly StatusCause[],
): ApiStatus {
  const problems = causes.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const details = { ...(name && { name }), ...(kind.group && { group: kind.group }), kind: kind.kind, causes };
  return new ApiStatus(422, 'Invalid', `${subject} "${name}" is invalid: ${list}`, details);
}

export const methodNotAllowed = (
  message = 'the server does not allow this method on the requested resource',
): ApiStatus => new ApiStatus(405, 'MethodNotAllowed', message, {});

export const notAcceptable = (accepted: readonly string[]): ApiStatus =>
  new ApiStatus(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

export const unsupportedMediaType = (accepted: readonly string[]): ApiStatus =>
  new ApiStatus(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const tooLarge = (limitBytes: number): ApiStatus =>
  new ApiStatus(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);

export const tooManyRequests = (message: string, retryAfterS: number): ApiStatus =>
  new ApiStatus(429, 'TooManyRequests', message, undefined, retryAfterS);

export const internal = (message: string): ApiStatus =>
  new ApiStatus(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ reason: '', message }] });

export const timeout = (message: string): ApiStatus => new ApiStatus(504, 'Timeout', message);

function qualified(kind: Kind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

function detailsOf(kind: Kind, name: string): StatusDetails {
  return { ...(name && { name }), ...(kind.group && { group: kind.group }), kind: kind.plural };
}
