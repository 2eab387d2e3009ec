import type { RungEvent } from './rung-events.ts';
import type { SampleRow } from './sample.ts';

/** The version of the event log's shape. Logs of every older version stay readable. */
export const schemaVersion = 1;

/** The phases of a run that touch the world, in order. Judging and reporting come after the last event. */
export const phases = ['prepare', 'steady-state', 'inject', 'observe', 'heal', 'recover', 'teardown'] as const;

export type Phase = (typeof phases)[number];

export type Confirmation = 'confirmed' | 'unconfirmed' | 'mismatch';

/** What is known of one target of one fault, with the observations that say so. */
export interface TargetConfirmation {
  /** For example `kube-system/coredns-abc` or `NODE/kube-apiserver`. */
  readonly name: string;
  readonly confirmation: Confirmation;
  /** One sentence per observation, with its source: `crictl: container 1a2b → 3c4d`, `prober: 42 × connect:refused on NODE`. */
  readonly evidence: readonly string[];
}

/** Something of ours that an undo did not take away, and the command that does. */
export interface Leftover {
  readonly what: string;
  readonly command: string;
}

export interface NodeInfo {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
}

/** Where the wall time outside the experiment's own phases went. */
export type Part = 'cluster' | 'chaosMesh' | 'workloads';

/** The counters of one telemetry agent's pod, over all nodes that it stands for. */
export interface AgentCounters {
  readonly pod: string;
  /** Its mode, for example full-list-quorum. */
  readonly mode: string;
  /** How many nodes it stands for. */
  readonly nodes: number;
  readonly requests: number;
  readonly ok: number;
  /** Answered 429. */
  readonly refused: number;
  /** Answered 401 or 403. */
  readonly forbidden: number;
  readonly failed: number;
  readonly timeouts: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Latency of its last successes; -1 before the first. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the API server counted since it started, by its own /metrics. */
export interface ApiCounters {
  /** CPU time of its process in seconds; null: it does not say. */
  readonly cpuS: number | null;
  /** Requests being served now, by kind: readOnly, mutating. */
  readonly inFlight: Readonly<Record<string, number>>;
  /** By priority level of API Priority and Fairness: turned away, waiting now, and the waits of all that came, with their sum. */
  readonly levels: Readonly<Record<string, FlowCounters>>;
  /** LISTs that were answered, by resource, and the sum of their durations, waits among them. */
  readonly lists: Readonly<Record<string, { readonly count: number; readonly totalS: number }>>;
}

export interface FlowCounters {
  readonly rejected: number;
  readonly queued: number;
  readonly waits: number;
  readonly waitedS: number;
}

/** What an event says, without its number and time. Run times are milliseconds since the start of the run. */
export type EventBody =
  | {
      readonly type: 'run-started';
      readonly schemaVersion: number;
      readonly experiment: string;
      readonly backend: string;
      readonly seed: number;
      readonly timeScale: number;
      /** RFC 3339, UTC. */
      readonly startedAt: string;
    }
  | { readonly type: 'phase-started'; readonly phase: Phase }
  | {
      readonly type: 'phase-ended';
      readonly phase: Phase;
      /** timeout: it did not end within its limit. */
      readonly outcome: 'ok' | 'timeout' | 'failed' | 'interrupted';
      /** Why, when it did not end well. */
      readonly message?: string;
    }
  | { readonly type: 'part-ended'; readonly part: Part; readonly durationMs: number }
  | {
      readonly type: 'cluster-ready';
      readonly name: string;
      readonly created: boolean;
      readonly nodes: readonly NodeInfo[];
      /** For example kubernetes, coredns, chaosMesh, kind, blackstart, node. */
      readonly versions: Readonly<Record<string, string>>;
    }
  /** Probers begin at the same instant on every node. */
  | { readonly type: 'probing-started'; readonly atMs: number; readonly nodes: readonly string[] }
  | {
      readonly type: 'samples';
      readonly node: string;
      readonly lane: string;
      /** Changes when the prober was restarted: sequence numbers begin anew. */
      readonly session: string;
      /** Run time minus node time, from the read with the shortest round trip so far. */
      readonly offsetMs: number;
      /** Half of that round trip: the most by which the offset can be wrong. */
      readonly errorMs: number;
      /** Samples that left the prober's ring before they were read. */
      readonly dropped: number;
      readonly rows: readonly SampleRow[];
    }
  | {
      readonly type: 'read-failed';
      readonly node: string;
      readonly source: 'prober' | 'cache';
      readonly message: string;
    }
  /** What the machine under everything did since the event before: shares of all its CPU time, 0 to 1. */
  | { readonly type: 'machine-load'; readonly busy: number; readonly stolen: number }
  /** A cache's own counters, read out-of-band from its metrics. */
  | { readonly type: 'cache-read'; readonly node: string; readonly lane: string; readonly servedStale: number }
  /** What a telemetry agent counted since it started, as its node's prober was told last. */
  | ({ readonly type: 'agent-report'; readonly node: string; readonly atMs: number } & AgentCounters)
  /** Read from outside the cluster with the credential that is not queued; `readMs` is what the read took. */
  | ({
      readonly type: 'api-metrics';
      readonly reachable: true;
      readonly readMs: number;
      readonly bytes: number;
    } & ApiCounters)
  /** Not an error: an API server that cannot be asked is what is looked for. */
  | { readonly type: 'api-metrics'; readonly reachable: false; readonly message: string }
  /** A command that an operator typed has ended; `exitCode` is null when it was ended by its time limit. */
  | {
      readonly type: 'operator-command';
      readonly name: string;
      readonly command: string;
      readonly startMs: number;
      readonly durationMs: number;
      readonly exitCode: number | null;
      /** The end of what it printed. */
      readonly output: string;
    }
  | RungEvent
  | {
      readonly type: 'fault-started';
      readonly fault: string;
      /** True when `--sabotage` made it a no-op. */
      readonly sabotaged: boolean;
      readonly targets: readonly string[];
    }
  /** The change is made; confirmation still open. */
  | { readonly type: 'fault-injected'; readonly fault: string }
  | {
      readonly type: 'fault-confirmed';
      readonly fault: string;
      /** How often something was killed; null for faults that kill nothing. */
      readonly kills: number | null;
      readonly targets: readonly TargetConfirmation[];
    }
  | { readonly type: 'undo'; readonly change: string; readonly outcome: 'ok' | 'failed'; readonly message?: string }
  | { readonly type: 'undo-verified'; readonly clean: boolean; readonly leftovers: readonly Leftover[] }
  | { readonly type: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' }
  /** Something broke in the harness or under it; the phase ends and everything is undone. */
  | { readonly type: 'problem'; readonly code: string; readonly message: string; readonly hint?: string }
  /** A line for people that carries no weight in the verdict. */
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'run-ended' };

/** One line of the event log. */
export type RunEvent = EventBody & {
  /** Counts from 0 without a gap. */
  readonly seq: number;
  /** Milliseconds since the start of the run, on the host's monotonic clock. */
  readonly monotonicMs: number;
};

/** Appends to the event log and tells everyone who watches the run. */
export type Emit = (body: EventBody) => void;
