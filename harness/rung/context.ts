import type { Cluster } from '../cluster/cluster.ts';
import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { Emit } from '../core/events.ts';
import type { KubeObject } from '../cluster/client.ts';
import type { WaySpec } from '../experiment/rung-spec.ts';
import type { PlannedAttempt } from '../plan/planned-attempt.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import type { Change, Perform } from '../undo/change.ts';
import type { Door } from './door.ts';

/** What an attempt may use. */
export interface RungContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Milliseconds since the start of the run. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Runs a program; an exit code other than 0 is an answer. */
  readonly tryRun: Run;
  readonly perform: Perform;
  /** Takes a change back before the heal. */
  readonly takeBack: (change: Change) => Promise<void>;
  readonly observations: Pick<SampleStore, 'nodes' | 'reports' | 'samplesSince' | 'dnsLane'>;
  readonly memory: RungMemory;
}

/** What one attempt leaves for the next. */
export interface RungMemory {
  /** The agents' DaemonSet as it was when it was seen last. */
  agents?: KubeObject;
  /** Names of the priority levels by their UIDs. */
  levels?: ReadonlyMap<string, string>;
}

/** What a rung does while it is climbed; all of it is taken back at the end of the attempt, newest first. */
export interface Scope {
  readonly step: PlannedAttempt;
  /** From when on the promises count (run time). */
  readonly fromMs: number;
  /** Makes a change and tells how long that took. */
  perform(change: Change): Promise<void>;
  /** Takes one of them back now. */
  takeBack(change: Change): Promise<void>;
  /** Does something that is no change of its own, and tells it; `work` gives what it said. */
  act(what: string, work: () => Promise<string>): Promise<void>;
  /** Done when the attempt is over. */
  atEnd(work: () => Promise<void>): void;
}

/** One way of climbing. One file per way, one line in the catalog. */
export interface Way<Spec extends WaySpec> {
  /** Says what this backend lacks for it; undefined when it can be done. */
  cannot?(context: RungContext, spec: Spec): string | undefined;
  /** Climbs it; gives the door that is open then. Rejects when it cannot be climbed. */
  climb(spec: Spec, scope: Scope, context: RungContext): Promise<Door>;
}

/** A way bound to its spec. */
export interface BoundWay {
  cannot(context: RungContext): string | undefined;
  climb(scope: Scope, context: RungContext): Promise<Door>;
}
