import type { SampleRow } from '../../core/sample.ts';

/** What the prober speaks over HTTP. Times are milliseconds on the node's monotonic clock. */

/** One lane to probe. Rates are open loop: a sample is due whether or not the one before has ended. */
export type LaneConfig = { readonly name: string; readonly rateHz: number; readonly deadlineMs: number } & (
  | {
      /** Resolve `host` with this resolver, connect to the answer on a fresh socket, GET `path`. */
      readonly kind: 'resolve';
      /** `node` stands for the address of the prober's own node. */
      readonly resolver: { readonly address: string; readonly port: number };
      readonly host: string;
      readonly port: number;
      readonly path: string;
    }
  /** Keep-alive GET of an HTTPS address, verified with the cluster's CA; only 200 is ok. */
  | { readonly kind: 'https'; readonly url: string }
  /** GET of the prober's own server, at the node's own address. */
  | { readonly kind: 'loopback' }
);

/** POST /start: forget all lanes and samples and begin anew, every lane at `startAtMs`. */
export interface StartRequest {
  readonly startAtMs: number;
  readonly lanes: readonly LaneConfig[];
}

/** Every answer of the prober carries these two. */
export interface Stamped {
  /** New with every process and every start. */
  readonly session: string;
  /** The node's monotonic clock while the answer was made. */
  readonly nowMs: number;
}

/** GET /status (also POST /start and POST /stop). */
export interface StatusResponse extends Stamped {
  readonly node: string;
  readonly lanes: readonly string[];
  readonly lagMs: { readonly p99: number; readonly max: number };
}

/** GET /samples?LANE=NEXT&…: the rows of each lane with seq >= NEXT, oldest first. */
export interface SamplesResponse extends Stamped {
  readonly lanes: Readonly<Record<string, LaneRows>>;
}

export interface LaneRows {
  readonly rows: readonly SampleRow[];
  /** Ask for this one next time. */
  readonly next: number;
  /** Rows between the one asked for and the oldest still in the ring. */
  readonly dropped: number;
}
