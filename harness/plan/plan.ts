import type { Phase } from '../core/events.ts';
import type { Hop } from '../core/sample.ts';
import type { PlannedAttempt } from './planned-attempt.ts';
import type {
  CacheUpstream,
  FaultSpec,
  LaneRole,
  OperatorLaneSpec,
  ServeStale,
  TelemetrySpec,
} from '../experiment/spec.ts';

/** What a run reads: nothing optional, every duration in wall milliseconds, nothing left to decide but the targets. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly experiment: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly backend: string;
  readonly seed: number;
  readonly timeScale: number;
  /** Every declared parameter, as text. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly cluster: PlannedCluster;
  readonly service: PlannedService;
  readonly lanes: readonly PlannedLane[];
  readonly steadyState: { readonly healthyForMs: number };
  readonly method: readonly PlannedStep[];
  readonly recovery: PlannedRecovery;
  readonly limitsMs: PhaseLimits;
  readonly budgets: readonly PlannedBudget[];
  readonly expectations: readonly PlannedExpectation[];
}

/** Wall milliseconds after which a phase's waits are ended, everything is undone and the run cannot pass. */
export type PhaseLimits = Readonly<Record<Phase, number>>;

interface PlannedCluster {
  readonly workers: number;
  readonly coreDns: 'workers' | 'control-plane';
  /** A crowd of fake nodes and pods, and the telemetry agent; null for none. */
  readonly telemetry: TelemetrySpec | null;
}

/** The data-plane service whose name is resolved and that answers the request. */
export interface PlannedService {
  /** Folder of the user's own manifests; null for our model-server. */
  readonly manifests: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface PlannedLane {
  readonly name: string;
  readonly role: LaneRole;
  readonly probe: PlannedProbe;
  /** Samples per second on each node, open loop. */
  readonly rateHz: number;
  /** After this a probe counts as failed. */
  readonly deadlineMs: number;
}

export type PlannedProbe =
  | { readonly kind: 'core-dns' }
  | {
      readonly kind: 'node-dns-cache';
      readonly holdMs: number;
      readonly holdIncidentMs: number;
      readonly serveStale: ServeStale;
      readonly forward: 'tcp' | 'udp';
      readonly upstream: CacheUpstream;
      /** Ports on the node. */
      readonly dnsPort: number;
      readonly metricsPort: number;
    }
  | { readonly kind: 'api-server' }
  /** Calls from outside the cluster, by a prober on the harness's own machine. */
  | OperatorLaneSpec
  /** The prober asks itself: tells a starved prober from a broken cluster. */
  | { readonly kind: 'loopback' };

export type PlannedStep = PlannedInject | PlannedObserve | PlannedOperate | PlannedAttempt;

export interface PlannedInject {
  readonly kind: 'inject';
  readonly name: string;
  readonly fault: FaultSpec;
  /** True: `--sabotage` made it a no-op, to prove that the judge notices. */
  readonly sabotaged: boolean;
  readonly when: { readonly lane: string; readonly from: 'refresh' | 'expiry'; readonly offsetMs: number } | null;
  /** For people: what is done, to what, how it is confirmed, how it is undone. */
  readonly description: FaultDescription;
}

interface PlannedObserve {
  readonly kind: 'observe';
  readonly forMs: number;
  readonly forIncidentMs: number;
}

export interface PlannedOperate {
  readonly kind: 'operate';
  readonly name: string;
  readonly kubectl: readonly string[];
  readonly credential: 'admin' | 'break-glass';
  readonly timeoutMs: number;
}

/** What a fault says about itself before anything happens. */
export interface FaultDescription {
  readonly does: string;
  readonly targets: string;
  readonly confirmedBy: readonly string[];
  readonly undo: string;
}

/** Gives the description of every kind of fault; handed in, because the plan must not know how faults are done. */
export type FaultDescriber = (spec: FaultSpec) => FaultDescription;

interface PlannedRecovery {
  readonly lanes: readonly string[];
  readonly atMostMs: number;
  readonly healthyForMs: number;
}

export type PlannedBudget =
  | { readonly kind: 'availability'; readonly lane: string; readonly atLeast: number; readonly minSamples: number }
  | { readonly kind: 'latency'; readonly lane: string; readonly quantile: number; readonly atMostMs: number }
  | { readonly kind: 'longest-outage'; readonly lane: string; readonly atMostMs: number };

export type PlannedExpectation =
  | {
      readonly kind: 'breaks-at-expiry';
      readonly lane: string;
      readonly holdMs: number;
      readonly withinMs: number;
      readonly hop: Hop;
      readonly share: number;
      readonly otherwise: string;
    }
  | {
      readonly kind: 'breaks';
      readonly lane: string;
      readonly before: string | null;
      readonly outcome: string | null;
      readonly otherwise: string;
    }
  | { readonly kind: 'answers-stale'; readonly lane: string; readonly share: number; readonly otherwise: string }
  | { readonly kind: 'locks-out'; readonly lane: string; readonly atLeastMs: number; readonly otherwise: string }
  | { readonly kind: 'alarms'; readonly lane: string; readonly rule: PlannedRule; readonly otherwise: string }
  | {
      readonly kind: 'stays-quiet';
      readonly lane: string;
      readonly before: string;
      readonly rule: PlannedRule;
      readonly otherwise: string;
    }
  | { readonly kind: 'gets-through'; readonly lane: string; readonly share: number; readonly otherwise: string }
  | { readonly kind: 'under-load'; readonly lane: string; readonly share: number; readonly otherwise: string };

/** An alert on a lane; see `AlarmRule`. */
export interface PlannedRule {
  readonly atLeast: number;
  readonly p99Ms: number;
  readonly overMs: number;
}

/** The name under which the prober of operator lanes stands among the nodes. */
export const operatorNode = 'operator';

/** Those of the probed nodes on which a lane is probed: every prober asks itself. */
export function nodesOf({ probe }: PlannedLane, nodes: readonly string[]): readonly string[] {
  if (probe.kind === 'loopback') return nodes;
  return nodes.filter((node) => (node === operatorNode) === (probe.kind === 'operator'));
}
