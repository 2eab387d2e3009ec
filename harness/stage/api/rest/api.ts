import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '../../client/types.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { User } from '../auth/user.ts';
import type { ServiceRange } from '../kinds/service-ip.ts';
import type { Wanted } from '../request/negotiate.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { storageKey, type Registry, type ResourceType } from '../resources.ts';
import type { ObjectRef, ObjectStore } from '../store/object-store.ts';

/** What every handler works with. */
export interface Api {
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly tokens: Tokens;
  readonly services: ServiceRange;
  /** Folder with `nodes/NODE/control.sock`. */
  readonly dataDir: string;
  /** False: pods need no service account and get no token, as with `--disable-admission-plugins=ServiceAccount`. */
  readonly admitsServiceAccounts: boolean;
  readonly now: () => Date;
  /** Aborted when the server is told to end: watches end then. */
  readonly stopping: AbortSignal;
}

/** A request for a resource that is served, by a user who may do it. */
export interface ApiRequest {
  readonly info: RequestInfo;
  readonly type: ResourceType;
  readonly user: User;
  readonly wanted: Wanted;
  /** Who owns the fields that are written: `fieldManager`, or the first word of the user agent. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly contentType: string;
  readonly body: Buffer;
  /** For handlers that write their answer themselves. */
  readonly incoming: IncomingMessage;
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

/** RFC 3339 with seconds, as all times in metadata. */
export function timestamp(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function success(type: ResourceType, { metadata }: KubeObject): object {
  const { name, uid } = metadata;
  const details = { name, ...(type.group !== '' && { group: type.group }), kind: type.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
