/** What the API server and its flow control say to each other. */
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus } from '../status.ts';

export interface FlowRequest {
  readonly user: string;
  /** With `system:authenticated` or `system:unauthenticated`; only these two put a request into the schemas for everybody. */
  readonly groups: readonly string[];
  /** As RBAC has it: get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower case. */
  readonly verb: string;
  /** The path without query. Looked at only when `resource` is ''. */
  readonly path: string;
  /** '' for the core group; so are those of the next four that are not there. */
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** Objects that a LIST, or the initial events of a watch, will read: the smaller of what is stored and `limit`; 1 by name; else 0. */
  readonly objectCount: number;
  /** Default: 3,500, a pod as it is stored (35.7 MB for 10,020 pods, measured on kind). */
  readonly averageObjectBytes?: number;
  readonly isWatch: boolean;
}

/** The right to be served. */
export interface Ticket {
  /** Gives the seats back: when the answer is written, or for a watch when it is initialized. More calls do nothing. */
  readonly release: () => void;
  /** For the answer, whatever it is. Empty when nothing was classified. */
  readonly headers: Headers;
}

type Headers = Readonly<Record<string, string>>;

export interface FlowControl {
  /** Rejects with a FlowRejection: at once, after 15 s in a queue, or when `signal` is aborted while it waits. */
  admit(request: FlowRequest, signal: AbortSignal): Promise<Ticket>;
}

export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** 429 with `Retry-After: 1`, and the headers that say which level refused. */
export class FlowRejection extends ApiStatus {
  readonly rejectReason: RejectReason;
  readonly headers: Headers;

  constructor(rejectReason: RejectReason, headers: Headers = {}) {
    super(429, 'TooManyRequests', 'Too many requests, please try again later.', undefined, 1);
    this.name = 'FlowRejection';
    this.rejectReason = rejectReason;
    this.headers = headers;
  }
}

/** The objects that configure flow control. Read at every request: the same arrays until something changed. */
export interface FlowConfiguration {
  readonly flowSchemas: readonly KubeObject[];
  readonly priorityLevels: readonly KubeObject[];
}

export type RequestKind = 'readOnly' | 'mutating';

/** Where a request belongs. */
export interface FlowClass {
  readonly flowSchema: string;
  readonly priorityLevel: string;
  /** `X-Kubernetes-PF-FlowSchema-UID` and `X-Kubernetes-PF-PriorityLevel-UID`. */
  readonly headers: Headers;
}

/** Told what happens, for metrics. */
export interface FlowObserver {
  limit(priorityLevel: string, seats: number): void;
  queued(flow: FlowClass, change: 1 | -1): void;
  rejected(flow: FlowClass, reason: RejectReason, waitedMs: number): void;
  dispatched(flow: FlowClass, seats: number, waitedMs: number): void;
  finished(flow: FlowClass, seats: number, executedMs: number): void;
  /** Requests being served, with and without priority and fairness. */
  inFlight(kind: RequestKind, change: 1 | -1): void;
}
