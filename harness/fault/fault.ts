import type { Clock } from '../core/clock.ts';
import type { AgentCounters, Emit, TargetConfirmation } from '../core/events.ts';
import type { Random } from '../core/random.ts';
import type { FaultSpec } from '../experiment/spec.ts';
import type { FaultDescription } from '../plan/plan.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Perform } from '../undo/change.ts';

/** One kind of fault. One file per kind, one line in the catalog. */
export interface FaultDefinition<Spec extends FaultSpec> {
  readonly kind: Spec['kind'];
  describe(spec: Spec): FaultDescription;
  /**
   * Finds the targets and remembers what they are like before. An empty list means "selected nothing": nothing is
   * injected and the fault is unconfirmed.
   */
  targets(spec: Spec, context: FaultContext): Promise<readonly string[]>;
  /** Makes the change. Called at most once, after `targets`, never when the fault is sabotaged. */
  inject(spec: Spec, context: FaultContext): Promise<void>;
  /**
   * Looks for the effect of what `inject` should have done, without knowing whether it was called: two independent
   * observations per target. Gives up by itself after a time that fits the fault.
   */
  confirm(spec: Spec, context: FaultContext): Promise<FaultOutcome>;
  /** What must be waited for before the next step may come, for example a CR that must be gone. */
  settle?(spec: Spec, context: FaultContext): Promise<void>;
}

export interface FaultOutcome {
  /** How often something was killed; null for faults that kill nothing. */
  readonly kills: number | null;
  readonly targets: readonly TargetConfirmation[];
}

/** What a fault may use. One per injection; `memory` carries what `targets` saw to `confirm`. */
export interface FaultContext {
  /** The step's name in the method. */
  readonly name: string;
  /** Short and unique for the run; part of the names of what we create. */
  readonly runId: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly perform: Perform;
  readonly observations: Observations;
  readonly signal: AbortSignal;
  /** Wall milliseconds after which a timer in the node undoes the fault even if this process is dead. */
  readonly withinMs: number;
  /** Milliseconds since the start of the run. */
  readonly nowMs: () => number;
  readonly memory: Map<string, unknown>;
}

/** Samples that started from `fromMs` up to `toMs` (run time). */
interface SampleWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly leastSamples: number;
}

/** What the probers saw, for confirmations. Lags behind by up to one read (about half a second). */
export interface Observations {
  /** The nodes with a prober. */
  readonly nodes: readonly string[];
  /** How often each outcome was seen on this lane and node in samples that started at or after `sinceMs` (run time). */
  outcomes(lane: string, node: string, sinceMs: number): ReadonlyMap<string, number>;
  /** A quantile (0 to 1) of what samples took, Infinity for failed ones; undefined when there are too few. */
  latencyMs(lane: string, node: string, quantile: number, window: SampleWindow): number | undefined;
  /** The newest report of every telemetry agent on a node. */
  reports(node: string): readonly (AgentCounters & { readonly atMs: number })[];
  /** The lane that probes the API server: `api`, or the lane of that kind that the experiment declares. */
  readonly apiLane: string;
  /** The lane that probes CoreDNS itself; undefined when the experiment has none. */
  readonly dnsLane: string | undefined;
}
