import type { Backend, Cluster } from '../cluster/cluster.ts';
import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { Emit } from '../core/events.ts';
import type { Random } from '../core/random.ts';
import type { Plan } from '../plan/plan.ts';
import type { Changes } from '../undo/changes.ts';

/** What the caller decides about a run, beside the plan. */
export interface RunSettings {
  readonly plan: Plan;
  readonly backend: Backend;
  readonly runId: string;
  /** The version of Blackstart itself. */
  readonly version: string;
  /** The run's own folder; plan.json is already in it. */
  readonly folder: string;
  /** A cluster that we made earlier; undefined to make one. */
  readonly clusterName: string | undefined;
  /** Leave the cluster there afterwards. */
  readonly keep: boolean;
  /** A chart other than the pinned one: a path. */
  readonly chaosMeshChart: string | undefined;
  readonly clock: Clock;
  readonly run: Run;
  /** Aborted by the first signal: the run is undone and judged. In a phase, also by its limit. */
  readonly signal: AbortSignal;
}

/** The cluster that a run uses, or makes. */
export function clusterNameOf({ clusterName, runId }: Pick<RunSettings, 'clusterName' | 'runId'>): string {
  return clusterName ?? `blackstart-${runId}`;
}

/** What every phase works with. */
export interface Stage extends RunSettings {
  readonly emit: Emit;
  readonly random: Random;
  readonly changes: Changes;
  /** Milliseconds since the start of the run. */
  readonly nowMs: () => number;
}

/** A stage with its cluster up. */
export interface ClusterStage extends Stage {
  readonly cluster: Cluster;
}
