import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../client/types.ts';
import type { User } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { conflict, methodNotAllowed, notFound } from '../status.ts';
import type { ObjectRef, ObjectStore } from '../store/object-store.ts';

/** What every handler works with. */
export interface Api {
  readonly store: ObjectStore;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
  /** Of the /24 that Services get their addresses from: `127.16.200.`. */
  readonly servicePrefix: string;
  /** Folder with `nodes/NODE/control.sock`. */
  readonly dataDir: string;
  /** Aborted when the server is told to end: watches end then. */
  readonly stopping: AbortSignal;
}

/** A request for a resource that is served, by a user who may do it. */
export interface ApiRequest {
  readonly info: RequestInfo;
  readonly type: ResourceType;
  readonly user: User;
  /** How the answer is wanted: '' for the object itself, or `Table`. */
  readonly as: string;
  /** Who owns the fields that are written: `fieldManager`, or the first word of the user agent. */
  readonly manager: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** For handlers that write their answer themselves. */
  readonly response: ServerResponse;
  /** Aborted when the client is gone or the time for this request is over. */
  readonly signal: AbortSignal;
  /** Gives up the seat that flow control has lent: a watch does so once it is initialized. */
  readonly releaseSeat: () => void;
}

/** Undefined when the handler has written its answer itself. */
export type Answer = { readonly code: number; readonly object: object } | undefined;

export type Handler = (api: Api, request: ApiRequest) => Answer | Promise<Answer>;

export function refOf({ type, info }: Pick<ApiRequest, 'type' | 'info'>, name = info.name): ObjectRef {
  return { resource: storageKey(type), namespace: info.namespace, name };
}

/** The newest state of the object that a request is about. Throws 404. */
export function findNow({ store }: Api, request: ApiRequest): KubeObject {
  store.sync();
  const found = store.find(refOf(request));
  if (!found) throw notFound(request.type, request.info.name);
  return found;
}

/** Throws 409 when `given` says that another object, or another version of it, was meant. */
export function requireSame(
  type: ResourceType,
  { metadata }: KubeObject,
  field: 'uid' | 'resourceVersion',
  given = '',
): void {
  if (given === '' || given === metadata[field]) return;
  const what = field === 'uid' ? 'UID' : 'ResourceVersion';
  const problem = `${what} in precondition: ${given}, ${what} in object meta: ${metadata[field]}`;
  throw conflict(type, metadata.name, `Precondition failed: ${problem}`);
}

/** Throws 405 when a namespace is missing, or a name is missing or too much. */
export function requirePath({ type, info }: ApiRequest, hasName: boolean): void {
  if ((info.name !== '') !== hasName || (type.namespaced && info.namespace === '')) throw methodNotAllowed();
}
