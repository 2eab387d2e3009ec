import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { run } from '../core/command.ts';
import { openEventLog, type EventLog } from '../core/event-log.ts';
import { signalExitCode } from '../core/exit-codes.ts';
import type { Study } from '../experiment/study.ts';
import type { Plan } from '../plan/plan.ts';
import { nodePorts } from '../plan/ports.ts';
import { plainLine } from '../report/plain.ts';
import { duringCluster } from '../run/during-cluster.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { createFolder, createInnerRunFolder } from '../run/run-folder.ts';
import { studyCluster } from '../run/study-cluster.ts';
import { nextRunOf } from '../study/catalog.ts';
import type { StudyRun } from '../study/study-result.ts';
import type { Backend } from '../cluster/cluster.ts';
import { openBackend } from './backend.ts';
import { assertNoDeadRun } from './dead-run-cluster.ts';
import { requireEnvironment } from './doctor-command.ts';
import { judgeInnerRun, judgeStudyFolder, showStudyReport } from './judge-study.ts';
import { assertFits } from './memory.ts';
import type { RunOptions } from './options.ts';
import { pendingText } from './pending.ts';
import { blackstartVersion } from './project.ts';
import { openScreen } from './screen.ts';
import { listenForInterrupts } from './signals.ts';
import { planStudy, type PlannedStudy } from './study-plan.ts';
import { printError } from './terminal.ts';

/** What the runs of a study have in common. */
interface Course {
  readonly study: PlannedStudy;
  readonly backend: Backend;
  readonly options: RunOptions;
  readonly clusterName: string;
  readonly folder: string;
  readonly log: EventLog;
  readonly signal: AbortSignal;
  /** Called with the folder of every run before it begins. */
  readonly began: (runFolder: string) => void;
}

/** All runs of a study, one after the other on one cluster, then its verdict. Gives the exit code. */
export async function runStudy(name: string, definition: Study, options: RunOptions): Promise<number> {
  const study = await planStudy(name, definition, options);
  assertFits(study.largest);
  const backend = openBackend(study.plan.backend, options);
  await requireEnvironment(backend);
  if (options.cluster !== undefined) {
    await assertNoDeadRun(options.runs, backend, options.cluster);
    await backend.assertOurs(options.cluster, { ...study.cluster, nodePorts });
  }
  const folder = createFolder(resolve(options.runs), name, systemClock, { 'study.json': study.plan });
  printError(`Study folder: ${folder}\n`);
  const log = openEventLog(join(folder, 'events.jsonl'), systemClock);
  log.subscribe(tell());
  const { backend: where, seed } = study.plan;
  const startedAt = systemClock.now().toISOString();
  log.emit({ type: 'run-started', schemaVersion: 1, experiment: name, backend: where, seed, timeScale: 1, startedAt });
  let latest = folder;
  const interrupts = listenForInterrupts({
    first: (signal) => {
      log.emit({ type: 'interrupted', signal });
      printError('Undoing everything. Once more (after a second) leaves at once.\n');
    },
    again: (signal) => {
      for (const one of new Set([latest, folder])) printError(pendingText(one));
      process.exit(signalExitCode[signal]);
    },
  });
  const clusterName = options.cluster ?? `blackstart-${randomBytes(3).toString('hex')}`;
  const began = (runFolder: string): void => {
    latest = runFolder;
  };
  const course = { study, backend, options, clusterName, folder, log, signal: interrupts.signal, began };
  try {
    await onCluster(course);
  } finally {
    log.emit({ type: 'run-ended' });
    log.close();
    interrupts.stop();
  }
  const judged = judgeStudyFolder(folder);
  showStudyReport(judged);
  return judged.result.exitCode;
}

/** On the cluster that was given, or on one of the study's own. */
async function onCluster(course: Course): Promise<void> {
  const { study, backend, options, clusterName, folder, log, signal } = course;
  const own = options.cluster === undefined;
  const settings = { name: clusterName, backend, cluster: study.cluster, folder, keep: options.keep ?? false };
  const cluster = own
    ? await studyCluster({ ...settings, emit: log.emit, clock: systemClock, run, signal })
    : undefined;
  await duringCluster(cluster, { emit: log.emit, signal }, async () => await allRuns(course));
}

async function allRuns(course: Course): Promise<void> {
  const { study, folder, log, signal } = course;
  const done: StudyRun[] = [];
  for (;;) {
    const spec = signal.aborted ? undefined : nextRunOf(study.plan.spec, done);
    if (!spec) return;
    const number = String(done.length + 1).padStart(2, '0');
    log.emit({ type: 'note', message: `run ${number} ${spec.name}: ${spec.experiment} --set ${spec.set.join(' ')}` });
    const plan = await study.planRun(spec);
    const runFolder = createInnerRunFolder(folder, `${number}-${spec.name}`, plan);
    await oneRun(course, plan, runFolder);
    const judged = judgeInnerRun(folder, `${number}-${spec.name}`);
    log.emit({
      type: 'note',
      message: `run ${number} ${spec.name}: ${judged.verdict} (${judged.reasonCode}): ${judged.reason}`,
    });
    done.push(judged);
  }
}

async function oneRun(course: Course, plan: Plan, folder: string): Promise<void> {
  const { backend, options, clusterName, signal, began } = course;
  began(folder);
  const screen = openScreen(folder);
  try {
    await runExperiment(
      {
        plan,
        backend,
        runId: randomBytes(3).toString('hex'),
        version: blackstartVersion(),
        folder,
        clusterName,
        keep: false,
        chaosMeshChart: options.chaosMeshChart ?? process.env['BLACKSTART_CHAOS_MESH_CHART'],
        clock: systemClock,
        run,
        signal,
      },
      screen.show,
    );
  } finally {
    screen.close();
  }
}

/** The study's own events, beside those of its runs. */
function tell(): Parameters<EventLog['subscribe']>[0] {
  const line = plainLine();
  return (event) => {
    const text = line(event);
    if (text !== undefined) printError(`study ${text}\n`);
  };
}
