import { InvalidArgumentError, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Backend, Cluster } from '../cluster/cluster.ts';
import { assertOurName } from '../cluster/ownership.ts';
import { run } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';
import { exitCodes } from '../core/exit-codes.ts';
import { nodePorts } from '../plan/ports.ts';
import { backendOption, chosenBackend, openBackend } from './backend.ts';
import { requireEnvironment } from './doctor-command.ts';
import type { Done } from './main.ts';
import { listenForInterrupts } from './signals.ts';
import { print, printError } from './terminal.ts';

interface ClusterOptions {
  readonly backend: string;
  readonly name: string;
}

/** `blackstart cluster up|list|kubeconfig|down`: clusters of our own, for runs with `--cluster` and for kubectl. */
export function addClusterCommand(program: Command, done: Done): void {
  const cluster = program.command('cluster').description('clusters of our own: up, list, kubeconfig, down');
  named(cluster, 'up', 'make a cluster that stays until it is taken down')
    .option('--workers <number>', 'worker nodes', parseWorkers, 2)
    .option('--node-image <image>', 'image of the nodes (env BLACKSTART_NODE_IMAGE)')
    .action(async (options: ClusterOptions & { workers: number; nodeImage?: string }) => {
      done(await up(await open(options), options.name, options.workers));
    });
  cluster
    .command('list')
    .description('the clusters of ours on this machine')
    .addOption(backendOption())
    .action(async (options: { backend: string }) => {
      const backend = await open(options);
      print((await backend.list()).map((name) => `${name}  ${backend.name}\n`).join(''));
    });
  named(cluster, 'kubeconfig', 'print the kubeconfig of a cluster, for kubectl').action(
    async (options: ClusterOptions) => {
      print(readFileSync((await (await open(options)).credentials(options.name)).admin, 'utf8'));
    },
  );
  named(cluster, 'down', 'delete a cluster').action(async (options: ClusterOptions) => {
    done(await down(await open(options), options.name));
  });
}

function named(cluster: Command, name: string, description: string): Command {
  return cluster
    .command(name)
    .description(description)
    .requiredOption('--name <name>', "name of the cluster; begins with 'blackstart-'")
    .addOption(backendOption());
}

async function open(options: { readonly backend: string; readonly nodeImage?: string }): Promise<Backend> {
  return openBackend(await chosenBackend(options.backend), { ...options, isDetached: true });
}

async function up(backend: Backend, name: string, workers: number): Promise<number> {
  assertOurName(name);
  await requireEnvironment(backend);
  const interrupts = listenForInterrupts({
    first: (signal) => printError(`${signal}: deleting what there is of ${name}\n`),
    again: () => process.exit(exitCodes.interrupted.code),
  });
  const { change, attach } = backend.create(
    { name, workers, coreDns: 'workers', nodePorts },
    {
      emit: (event) => event.type === 'note' && printError(`${event.message}\n`),
      signal: interrupts.signal,
      runFolder: tmpdir(),
    },
  );
  await change.snapshot();
  try {
    await change.apply();
    const cluster: Cluster = await attach();
    await cluster.settle();
    print(`${name} is up: ${cluster.nodes.length} nodes, kubeconfig ${cluster.credentials.admin}\n`);
    return 0;
  } catch (problem) {
    await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs, detached: true });
    throw problem;
  } finally {
    interrupts.stop();
  }
}

async function down(backend: Backend, name: string): Promise<number> {
  assertOurName(name);
  if (!(await backend.list()).includes(name)) {
    throw new BlackstartError('usage', `There is no cluster '${name}'`, { hint: 'See `blackstart cluster list`.' });
  }
  const signal = new AbortController().signal;
  const spec = { name, workers: 0, coreDns: 'workers', nodePorts } as const;
  const { change } = backend.create(spec, { emit: () => undefined, signal, runFolder: tmpdir() });
  await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs, detached: true });
  const left = await change.verify();
  for (const { what, command } of left) printError(`Left behind: ${what}\n  ${command}\n`);
  if (left.length > 0) return exitCodes.leftovers.code;
  backend.forget(name);
  print(`${name} is gone\n`);
  return 0;
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 20) return workers;
  throw new InvalidArgumentError('It must be a whole number from 1 to 20.');
}
