import type { Duration, ScaledDuration } from '../core/duration.ts';
import type { Hop } from '../core/sample.ts';
import type { AttemptStepSpec } from './rung-spec.ts';

/** What authors write: plain, serialisable data. What a spec does stands in `fault/`, `probe/` and `verdict/`. */

/** A YAML file of the user's, read when the command line was parsed. */
export interface YamlFile {
  readonly path: string;
  readonly document: unknown;
}

/** Which pods: a namespace and labels that must all match. */
export interface PodSelector {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type PodChaosAction = 'pod-kill' | 'pod-failure' | 'container-kill';

/** A `chaos-mesh.org/v1alpha1` PodChaos. Targets are resolved at injection with the seed and written by name. */
export interface PodChaosSpec {
  readonly kind: 'pod-chaos';
  readonly action: PodChaosAction;
  readonly select: PodSelector;
  /** How many of the selected pods: one (chosen with the seed) or all. */
  readonly mode: 'one' | 'all';
  /** Containers to kill; needed for container-kill. */
  readonly containerNames: readonly string[];
  /** How long pod-failure lasts, wall time; the other actions are one-shot. */
  readonly duration: Duration | null;
}

/** The same from a PodChaos manifest of the user's own. */
export interface PodChaosFileSpec {
  readonly kind: 'pod-chaos-file';
  readonly file: YamlFile;
}

/** Parks the static pod of kube-apiserver on every control-plane node. */
export interface ApiServerDownSpec {
  readonly kind: 'api-server-down';
}

/** Freezes the kube-apiserver container (SIGSTOP); the kubelet's liveness probe ends it after 80 to 120 s. */
export interface ApiServerHangSpec {
  readonly kind: 'api-server-hang';
}

/** Gives kube-apiserver only so much CPU, by a quota on its own container; a restarted one gets it again within a second. */
export interface ApiServerCpuSpec {
  readonly kind: 'api-server-cpu';
  /** Thousandths of a core. */
  readonly millicores: number;
}

/** Stops the CoreDNS containers on their nodes; the kubelet starts them again, and they come up unsynced. */
export interface CoreDnsRestartSpec {
  readonly kind: 'core-dns-restart';
}

/** Pauses the control-plane node as a whole: everything on it stands still. */
export interface NodePauseSpec {
  readonly kind: 'node-pause';
}

/** What a telemetry agent asks the API server for; `full-list-quorum` is the mode that drowns it. */
type TelemetryMode = 'full-list-quorum' | 'full-list-rv0' | 'node-list-quorum' | 'node-list-rv0' | 'watch';

/** The configuration of the synthetic telemetry agent. Waits of its clients are wall time, like those of the server. */
export interface TelemetryAgentSpec {
  readonly mode: TelemetryMode;
  readonly resource: 'pods' | 'nodes' | 'services' | 'endpointslices' | 'configmaps';
  /** From one request of a node's agent to the next. */
  readonly interval: Duration;
  /** Share of the interval by which it varies, 0 to 1. */
  readonly jitter: number;
  /** Requests that one node's agent may have in flight. */
  readonly concurrency: number;
  readonly timeout: Duration;
  /** After a 429: wait as told (`after`), try again at once, or leave it. */
  readonly retry: 'after' | 'at-once' | 'none';
  /** Bytes per second that one agent takes in, 0 for all there are: a slow reader holds its seat in the API server longer. */
  readonly readBytesPerS: number;
  /** How many nodes' agents there are; the workers share them. */
  readonly nodes: number;
}

/** Rolls out another configuration of the telemetry agent: same image, same DaemonSet. */
export interface TelemetryRolloutSpec {
  readonly kind: 'telemetry-rollout';
  readonly agent: TelemetryAgentSpec;
}

export type FaultSpec =
  | PodChaosSpec
  | PodChaosFileSpec
  | ApiServerDownSpec
  | ApiServerHangSpec
  | ApiServerCpuSpec
  | CoreDnsRestartSpec
  | NodePauseSpec
  | TelemetryRolloutSpec;

/** A crowded cluster on which a telemetry agent runs, harmless until a rollout changes it. */
export interface TelemetrySpec {
  /** Nodes and pods that exist as objects only, so that a LIST costs what it costs in a large cluster. */
  readonly fakeNodes: number;
  readonly podsPerNode: number;
  /** The harmless twin: what runs from the start. */
  readonly agent: TelemetryAgentSpec;
  /**
   * Whom API Priority and Fairness treats as one: `shared` puts agent, CoreDNS and the admin group into one small level
   * and one flow; `by-user` into one level with a flow each; `default` leaves the cluster as it is.
   */
  readonly fairness: 'shared' | 'by-user' | 'default';
}

export type ServeStale = 'off' | 'verify' | 'immediate';

/**
 * Whom a cache asks: `ready`, the Service kube-dns, which loses the pods that are not ready while the API is up; `all`, a
 * Service that publishes pods that are not ready too, so that somebody always answers, if only SERVFAIL.
 */
export type CacheUpstream = 'ready' | 'all';

/** CoreDNS itself, through its Service. */
export interface CoreDnsLaneSpec {
  readonly kind: 'core-dns';
}

/** A DNS cache on every worker, in front of CoreDNS. */
export interface NodeDnsCacheLaneSpec {
  readonly kind: 'node-dns-cache';
  /** How long it holds an answer. Incident time; at least 5 s of wall time. */
  readonly hold: ScaledDuration;
  /** What it does with an expired answer while upstream fails. */
  readonly serveStale: ServeStale;
  /** How it asks upstream. */
  readonly forward: 'tcp' | 'udp';
  readonly upstream: CacheUpstream;
}

/** The API server: a keep-alive GET /readyz. */
export interface ApiServerLaneSpec {
  readonly kind: 'api-server';
}

/** What an operator does from outside the cluster, with one of its credentials, on connections that are kept alive. */
export interface OperatorLaneSpec {
  readonly kind: 'operator';
  /** `break-glass` is exempt from API Priority and Fairness, `admin` is not. */
  readonly credential: 'admin' | 'break-glass';
  /** GET of one ConfigMap, LIST of up to 500 pods, or PATCH of an annotation of that ConfigMap. */
  readonly call: 'get' | 'list' | 'patch';
  /** Calls per second. Default 1. */
  readonly rateHz?: number;
}

export type LaneSpec = CoreDnsLaneSpec | NodeDnsCacheLaneSpec | ApiServerLaneSpec | OperatorLaneSpec;

/** The lane named `subject` is protected, the lane named `control` must break, all others are for reference. */
export type LaneRole = 'subject' | 'control' | 'reference';

/** Waits for an age of a lane's cached entry before a fault is injected, so that runs are alike. */
export interface WhenSpec {
  readonly lane: string;
  /** Counted from the lane's last refresh, or from the moment its entry runs out. */
  readonly from: 'refresh' | 'expiry';
  /** Wall time after that; negative for before. */
  readonly offset: Duration;
}

export interface InjectStepSpec {
  readonly kind: 'inject';
  /** Names the fault in plan, report and `--sabotage`. */
  readonly name: string;
  readonly fault: FaultSpec;
  readonly when: WhenSpec | null;
}

export interface ObserveStepSpec {
  readonly kind: 'observe';
  readonly time: ScaledDuration;
}

/** What an operator would type, timed: kubectl with these arguments. It may fail; that is a finding. */
export interface OperateStepSpec {
  readonly kind: 'operate';
  readonly name: string;
  readonly kubectl: readonly string[];
  readonly credential: 'admin' | 'break-glass';
  /** Wall time after which it is ended. */
  readonly timeout: Duration;
}

export type StepSpec = InjectStepSpec | ObserveStepSpec | OperateStepSpec | AttemptStepSpec;

/** An alert on a lane: over the last `over`, availability below `atLeast`, or p99 of what succeeded above `p99`. */
export interface AlarmRule {
  readonly atLeast: number;
  readonly p99: Duration;
  /** Wall time. */
  readonly over: Duration;
}

/** An SLO over the outage and the recovery. */
export type BudgetSpec =
  | { readonly kind: 'availability'; readonly atLeast: number; readonly minSamples: number }
  | { readonly kind: 'latency'; readonly quantile: number; readonly atMost: Duration }
  | { readonly kind: 'longest-outage'; readonly atMost: Duration };

/** What must be seen, or the run proves nothing. A missing one makes the verdict inconclusive. */
export type ExpectationSpec =
  /** The lane fails on every node, at this hop, within so much of its own last refresh + hold, and stays broken. */
  | {
      readonly kind: 'breaks-at-expiry';
      readonly lane: string;
      readonly within: Duration;
      readonly hop: Hop;
      /** Share of the time from then to the heal in which it must fail, 0 to 1. */
      readonly share: number;
      /** Told when it is not so: what it means. */
      readonly otherwise: string;
    }
  /** The lane fails on every node between the first fault and the heal. */
  | {
      readonly kind: 'breaks';
      readonly lane: string;
      /** Its first failure comes before the first one of this lane on the same node. */
      readonly before: string | null;
      /** This outcome is seen on every node. */
      readonly outcome: string | null;
      readonly otherwise: string;
    }
  /** The protection was needed: the lane answered from stale entries for this share of the time from expiry to heal. */
  | { readonly kind: 'answers-stale'; readonly lane: string; readonly share: number; readonly otherwise: string }
  /** No call of this operator lane succeeds for so long, 5 in a row at least, between the first fault and the heal. */
  | { readonly kind: 'locks-out'; readonly lane: string; readonly atLeast: Duration; readonly otherwise: string }
  /** This share of the operator lane's calls succeeds between the first fault and the heal: this way in stays open. */
  | { readonly kind: 'gets-through'; readonly lane: string; readonly share: number; readonly otherwise: string }
  /** The telemetry agents sent this share of the requests that they should have: the lane was tried. */
  | { readonly kind: 'under-load'; readonly lane: string; readonly share: number; readonly otherwise: string }
  /** The alarm goes off before the data plane (subject or control lane) fails for the first time. */
  | { readonly kind: 'alarms'; readonly lane: string; readonly rule: AlarmRule; readonly otherwise: string }
  /** The alarm does not go off before this fault begins: what came before it, the harmless twin, trips nothing. */
  | {
      readonly kind: 'stays-quiet';
      readonly lane: string;
      readonly before: string;
      readonly rule: AlarmRule;
      readonly otherwise: string;
    };

export interface RecoverySpec {
  /** Lanes that must be well again. */
  readonly lanes: readonly string[];
  /** Wall time from /readyz 200 to the start of the healthy window. */
  readonly atMost: Duration;
  /** Wall time without a failure that counts as well. */
  readonly healthyFor: Duration;
}

export interface ExperimentDefinition {
  readonly cluster: {
    /** Default 2. */
    readonly workers?: number;
    /** Where CoreDNS runs. Default `workers`, one on each, so that "API gone" and "DNS node gone" are two things. */
    readonly coreDns?: 'workers' | 'control-plane';
    /** Default: none. */
    readonly telemetry?: TelemetrySpec;
  };
  readonly lanes: Readonly<Record<string, LaneSpec>>;
  /** How long every lane must be without a failure before the first fault: so much wall time beyond the longest hold. */
  readonly steadyState: { readonly beyondHold: Duration };
  readonly method: readonly StepSpec[];
  readonly budgets: Readonly<Record<string, readonly BudgetSpec[]>>;
  readonly recovery: RecoverySpec;
  readonly expectations: readonly ExpectationSpec[];
}
