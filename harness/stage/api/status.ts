/** Everything that the API server answers with when it does not do what it was asked: `Status` objects. */
import type { Resource } from '../client/types.ts';
import { storageKey } from './resources.ts';

/** One field that is wrong, or one conflict of server-side apply. */
export interface StatusCause {
  /** For example `FieldValueInvalid`, `FieldManagerConflict`. */
  readonly reason: string;
  readonly message: string;
  /** For example `spec.replicas`; the path of a conflict begins with a dot. */
  readonly field?: string;
}

interface Details {
  /** Also sent as the header Retry-After. */
  readonly retryAfterSeconds?: number;
  readonly [field: string]: unknown;
}

/** A refusal. What is thrown inside a request becomes its answer; anything else that is thrown becomes a 500. */
export class ApiStatus extends Error {
  /** The HTTP status. */
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toObject(): object {
    const { message, reason, code, details } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

/** What is answered where there is no object to answer with. */
export function success(code: number, details?: Details): { code: number; object: object } {
  return { code, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

type Kind = Pick<Resource, 'group' | 'plural'>;

export const badRequest = (message: string): ApiStatus => new ApiStatus(400, 'BadRequest', message);

export const unauthorized = (): ApiStatus => new ApiStatus(401, 'Unauthorized', 'Unauthorized');

export const forbidden = (message: string, details?: Details): ApiStatus =>
  new ApiStatus(403, 'Forbidden', message, details);

/** Without a kind: the path itself leads nowhere. */
export function notFound(kind?: Kind, name = ''): ApiStatus {
  if (!kind) return new ApiStatus(404, 'NotFound', 'the server could not find the requested resource');
  return new ApiStatus(404, 'NotFound', `${storageKey(kind)} "${name}" not found`, detailsOf(kind, name));
}

export const methodNotAllowed = (): ApiStatus =>
  new ApiStatus(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

/** `problem` is a sentence without a full stop. */
export function conflict(kind: Kind, name: string, problem: string): ApiStatus {
  const message = `Operation cannot be fulfilled on ${storageKey(kind)} "${name}": ${problem}`;
  return new ApiStatus(409, 'Conflict', message, detailsOf(kind, name));
}

/** A resourceVersion or continue token that is too old. */
export const gone = (message: string): ApiStatus => new ApiStatus(410, 'Expired', message);

export function unsupportedMediaType(accepted: readonly string[]): ApiStatus {
  const list = accepted.join(', ');
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`;
  return new ApiStatus(415, 'UnsupportedMediaType', message);
}

/** 422; `kind` is the object's kind, not the plural. */
export function invalid(
  type: { group: string; kind: string },
  name: string,
  causes: readonly StatusCause[],
): ApiStatus {
  const kind = { group: type.group, plural: type.kind };
  const problems = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  const message = `${storageKey(kind)} "${name}" is invalid: ${list}`;
  return new ApiStatus(422, 'Invalid', message, { ...detailsOf(kind, name), causes });
}

/** Causes of a 422. */
export function wrong(field: string, problem: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${problem}` };
}

export function required(field: string, what = 'it is needed'): StatusCause {
  return { reason: 'FieldValueRequired', field, message: `Required value: ${what}` };
}

export function unsupported(field: string, value: unknown, supported: readonly string[]): StatusCause {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', field, message };
}

/** 422: the request is understood and cannot be done with this object. */
export const unprocessable = (message: string): ApiStatus =>
  new ApiStatus(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);

export const internal = (message: string): ApiStatus =>
  new ApiStatus(500, 'InternalError', `Internal error occurred: ${message}`);

export function detailsOf({ group, plural }: Kind, name: string): Details {
  return { ...(name && { name }), ...(group && { group }), kind: plural };
}
