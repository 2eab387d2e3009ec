import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { run } from '../core/command.ts';
import { BlackstartError, messageOf } from '../core/errors.ts';
import { signalExitCode } from '../core/exit-codes.ts';
import { load } from '../experiment/load.ts';
import { nodePorts } from '../plan/ports.ts';
import type { Result } from '../verdict/result.ts';
import { createRunFolder } from '../run/run-folder.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { openBackend } from './backend.ts';
import { assertNoDeadRun } from './dead-run-cluster.ts';
import { requireEnvironment } from './doctor-command.ts';
import type { Done } from './main.ts';
import { assertFits } from './memory.ts';
import { addPlanOptions, experimentsFolder, planFrom, type RunOptions } from './options.ts';
import { blackstartVersion, defaultRunsFolder } from './project.ts';
import { judgeRun, showReport } from './judge-run.ts';
import { pendingText } from './pending.ts';
import { openScreen } from './screen.ts';
import { assertPossible } from './possible.ts';
import { listenForInterrupts } from './signals.ts';
import { runStudy } from './study-run.ts';
import { printError } from './terminal.ts';

/** `blackstart run NAME`: the whole life of an experiment or a study, ending with the verdict's exit code. */
export function addRunCommand(program: Command, done: Done): void {
  const command = program
    .command('run <experiment>')
    .description('run an experiment, or all runs of a study, and judge it')
    .option('--cluster <name>', 'use this cluster, made earlier with --keep, instead of a new one')
    .option('--keep', 'leave the cluster there afterwards')
    .option('--node-image <image>', 'image of the nodes; a local one is not pulled (env BLACKSTART_NODE_IMAGE)')
    .option('--chaos-mesh-chart <path>', 'Helm chart of Chaos Mesh (env BLACKSTART_CHAOS_MESH_CHART)')
    .option('--runs <folder>', 'where results are kept', defaultRunsFolder());
  addPlanOptions(command).action(async (name: string, options: RunOptions) => {
    done(await runAndJudge(name, options));
  });
}

async function runAndJudge(name: string, options: RunOptions): Promise<number> {
  const loaded = await load(experimentsFolder, name);
  if (loaded.kind === 'study') return await runStudy(name, loaded.study, options);
  const plan = await planFrom(name, options);
  assertFits(plan);
  const backend = openBackend(plan.backend, options);
  assertPossible(plan, backend);
  await requireEnvironment(backend);
  if (options.cluster !== undefined) {
    await assertNoDeadRun(options.runs, backend, options.cluster);
    await backend.assertOurs(options.cluster, { ...plan.cluster, nodePorts });
  }
  const folder = createRunFolder(resolve(options.runs), plan, systemClock);
  const screen = openScreen(folder);
  const interrupts = listenForInterrupts({
    first: (signal) => screen.say(`${signal}: undoing everything. Once more (after a second) leaves at once.`),
    again: (signal) => {
      screen.close();
      printError(pendingText(folder));
      process.exit(signalExitCode[signal]);
    },
  });
  try {
    await runExperiment(
      {
        plan,
        backend,
        runId: randomBytes(3).toString('hex'),
        version: blackstartVersion(),
        folder,
        clusterName: options.cluster,
        keep: options.keep ?? false,
        chaosMeshChart: options.chaosMeshChart ?? process.env['BLACKSTART_CHAOS_MESH_CHART'],
        clock: systemClock,
        run,
        signal: interrupts.signal,
      },
      screen.show,
    );
  } finally {
    screen.close();
    interrupts.stop();
  }
  const result = judged(folder);
  // Before the report: the verdict and its reason are the last lines.
  if (options.keep && options.cluster === undefined) printError(keptHint(folder));
  showReport(folder, result);
  return result.exitCode;
}

/** After a run a log that cannot be read is no wrong usage: the harness broke before it could judge. */
function judged(folder: string): Result {
  try {
    return judgeRun(folder);
  } catch (cause) {
    throw new BlackstartError('internal', `The run could not be judged: ${messageOf(cause)}`, {
      hint: 'What a dead run may have left: npm run -s blackstart -- cleanup --list',
      cause,
    });
  }
}

function keptHint(folder: string): string {
  return `The cluster was kept (--keep); its name and kubeconfig stand in ${folder}/events.jsonl (cluster-ready).\n`;
}
