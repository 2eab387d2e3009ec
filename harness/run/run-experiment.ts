import { join } from 'node:path';
import { openEventLog, type EventLog } from '../core/event-log.ts';
import { BlackstartError } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import { seededRandom } from '../core/random.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import { openChanges } from '../undo/changes.ts';
import { identify } from '../undo/process-identity.ts';
import { createUndoLog } from '../undo/undo-log.ts';
import { heal } from './heal.ts';
import { carryOutMethod } from './method.ts';
import { runPhase } from './phase.ts';
import { prepare, type Reached } from './prepare.ts';
import { recover } from './recover.ts';
import { clusterNameOf, type ClusterStage, type RunSettings, type Stage } from './stage.ts';
import { reachSteadyState } from './steady-state.ts';
import { tearDown } from './tear-down.ts';

/**
 * The life of a run, as events in `events.jsonl`; judging comes afterwards and reads only those.
 *
 * 1. prepare: cluster, Chaos Mesh, services, caches, probers
 * 2. steady state: every lane without a failure for longer than any cache holds; otherwise nothing is injected
 * 3. inject: the method's faults, each confirmed before the next
 * 4. observe: what the outage does
 * 5. heal: undo of every fault, first what needs no API
 * 6. recover: until the lanes are well again
 * 7. teardown: everything else of ours, and the comparison with the state before
 *
 * Whatever goes wrong, takes too long or is interrupted in 1 to 4, 5 and 7 still happen. Rejects only when not even the log can be kept.
 */
export async function runExperiment(settings: RunSettings, watch: (event: RunEvent) => void): Promise<void> {
  const log = openEventLog(join(settings.folder, 'events.jsonl'), settings.clock);
  log.subscribe(watch);
  const owner = identify(process.pid) ?? { pid: process.pid, started: '' };
  const { backend } = settings;
  const undoLog = createUndoLog(join(settings.folder, 'undo.jsonl'), {
    runId: settings.runId,
    owner,
    cluster: { backend: backend.name, name: clusterNameOf(settings), location: await backend.location() },
  });
  const stage = openStage(settings, log, openChanges(undoLog, log.emit));
  try {
    announce(stage);
    await live(stage);
  } finally {
    log.emit({ type: 'run-ended' });
    undoLog.close();
    log.close();
  }
  if (log.problems[0] !== undefined) {
    throw new BlackstartError('internal', `The event log could not be written: ${log.problems[0]}`, {
      hint: 'Everything was undone as far as it could be; free some disk space and look with: blackstart cleanup --list',
    });
  }
}

async function live(stage: Stage): Promise<void> {
  const reached: Reached = {};
  const ready = await runPhase(stage, 'prepare', (limited) => prepare(limited, reached));
  try {
    if (ready) await liveOn({ ...stage, cluster: ready.cluster }, ready.store);
  } finally {
    await stopProbing(reached);
    await runPhase(stage, 'teardown', (limited) => tearDown(limited, reached));
  }
}

async function stopProbing({ probing }: Reached): Promise<void> {
  try {
    await probing?.stop();
  } catch {
    // What was not read is a gap in the samples, and the judge sees it.
  }
}

async function liveOn(stage: ClusterStage, store: SampleStore): Promise<void> {
  const steady = await runPhase(stage, 'steady-state', (limited) => reachSteadyState(limited, store));
  if (!steady) return;
  const carriedOut = await carryOutMethod(stage, store);
  await runPhase(stage, 'heal', heal);
  if (!stage.signal.aborted) await runPhase(stage, 'recover', (limited) => recover(limited, store, carriedOut));
}

function openStage(settings: RunSettings, log: EventLog, changes: Stage['changes']): Stage {
  return {
    ...settings,
    emit: log.emit,
    random: seededRandom(settings.plan.seed),
    changes,
    nowMs: log.nowMs,
  };
}

function announce({ plan, emit, clock, signal }: Stage): void {
  const { experiment, backend, seed, timeScale } = plan;
  const startedAt = clock.now().toISOString();
  emit({ type: 'run-started', schemaVersion: 1, experiment, backend, seed, timeScale, startedAt });
  signal.addEventListener('abort', () => {
    emit({
      type: 'interrupted',
      signal: signal.reason === 'SIGTERM' || signal.reason === 'SIGHUP' ? signal.reason : 'SIGINT',
    });
  });
}
