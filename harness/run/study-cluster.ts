import { join } from 'node:path';
import type { Backend, Cluster } from '../cluster/cluster.ts';
import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { Emit } from '../core/events.ts';
import type { Plan } from '../plan/plan.ts';
import { apiUndoDeadlineMs } from '../plan/phase-limits.ts';
import { nodePorts } from '../plan/ports.ts';
import { openChanges } from '../undo/changes.ts';
import { identify } from '../undo/process-identity.ts';
import { createUndoLog } from '../undo/undo-log.ts';

export interface StudyClusterSettings {
  readonly name: string;
  readonly backend: Backend;
  readonly cluster: Plan['cluster'];
  /** The study's own folder. */
  readonly folder: string;
  /** Leave the cluster there afterwards. */
  readonly keep: boolean;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly run: Run;
  readonly signal: AbortSignal;
}

/** The cluster that all runs of a study share; they use it as one that somebody else made. */
export interface StudyCluster {
  create(): Promise<void>;
  /** Deletes it, unless it is to stay, and looks whether it is gone. Safe when it was never created, or only half. */
  remove(): Promise<void>;
}

/** The undo is in the study's own log before anything is made, so `cleanup` finds it when the study dies. */
export async function studyCluster(settings: StudyClusterSettings): Promise<StudyCluster> {
  const { name, backend, cluster: wants, folder, keep, emit, clock, run, signal } = settings;
  const owner = identify(process.pid) ?? { pid: process.pid, started: '' };
  const undoLog = createUndoLog(join(folder, 'undo.jsonl'), {
    runId: name,
    owner,
    cluster: { backend: backend.name, name, location: await backend.location() },
  });
  const changes = openChanges(undoLog, emit);
  const spec = { name, workers: wants.workers, coreDns: wants.coreDns, nodePorts };
  const { change, attach } = backend.create(spec, { emit, signal, runFolder: folder });
  let isKept = false;
  return {
    create: async () => {
      const startMs = clock.monotonicMs();
      await changes.setUp(change);
      const cluster = await attach();
      await cluster.settle();
      if (keep) {
        changes.keep(change);
        isKept = true;
        await cluster.release?.();
      }
      emit({ type: 'part-ended', part: 'cluster', durationMs: Math.round(clock.monotonicMs() - startMs) });
      announce(cluster, emit);
    },
    remove: async () => {
      // What was interrupted half way is not kept: nobody could use it.
      if (!isKept) await changes.tearDownCluster({ clock, run, apiDeadlineMs: apiUndoDeadlineMs });
      const leftovers = await changes.verify(() => false, AbortSignal.timeout(apiUndoDeadlineMs));
      emit({ type: 'undo-verified', clean: leftovers.length === 0, leftovers });
      undoLog.close();
    },
  };
}

function announce({ name, nodes, versions }: Cluster, emit: Emit): void {
  const told = nodes.map(({ name: node, role, address }) => ({ name: node, role, address }));
  emit({ type: 'cluster-ready', name, created: true, nodes: told, versions });
}
