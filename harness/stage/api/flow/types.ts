/** What the API server and its flow control say to each other. */
import type { KubeObject } from '../../client/types.ts';
import type { Attributes } from '../request/request-info.ts';
import { ApiStatus } from '../status.ts';

export interface FlowRequest extends Attributes {
  readonly user: string;
  readonly groups: readonly string[];
  /** About how much a LIST, or the initial events of a watch, will read; 0 for other requests. */
  readonly listBytes: number;
}

type Headers = Readonly<Record<string, string>>;

/** The right to be served. */
export interface Ticket {
  /** Gives the seats back: when the answer is written, or for a watch when it is initialized. More calls do nothing. */
  readonly release: () => void;
  /** For the answer, whatever it is. Empty when nothing was classified. */
  readonly headers: Headers;
}

/** Rejects with a FlowRejection: at once, after 15 s in a queue, or when `signal` is aborted while it waits. */
export type Admit = (request: FlowRequest, signal: AbortSignal) => Promise<Ticket>;

export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** 429 with `Retry-After: 1`, and the headers that say which level refused. */
export class FlowRejection extends ApiStatus {
  readonly rejectReason: RejectReason;
  readonly headers: Headers;

  constructor(rejectReason: RejectReason, headers: Headers = {}) {
    super(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 });
    this.rejectReason = rejectReason;
    this.headers = headers;
  }
}

/** The objects that configure flow control. Read at every request: the same arrays until something changed. */
export interface FlowConfiguration {
  readonly flowSchemas: readonly KubeObject[];
  readonly priorityLevels: readonly KubeObject[];
}

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
  inFlight(kind: 'readOnly' | 'mutating', change: 1 | -1): void;
}
