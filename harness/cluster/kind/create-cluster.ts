import { writeFileSync } from 'node:fs';
import type { Clock } from '../../core/clock.ts';
import { pasteable, type Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Change } from '../../undo/change.ts';
import type { ClusterContext, ClusterSpec } from '../cluster.ts';
import { assertOurName, markPath, writeMark } from '../ownership.ts';
import { bringUpFailure, waitForLateContainers } from './bring-up-failure.ts';
import { kindConfig } from './config.ts';
import { ensureCredentials } from './credentials.ts';
import { nodeIds } from './node-list.ts';
import { runInNode } from './node-script.ts';
import { makeStateFolder, removeStateFolder, type StateFolder } from './state-folder.ts';

export interface CreateOptions {
  readonly spec: ClusterSpec;
  readonly context: ClusterContext;
  readonly nodeImage: string;
  readonly folder: StateFolder;
  readonly run: Run;
  readonly clock: Clock;
}

/** Time for `kind create cluster`, the download of the node image (about 1 GB) included. */
const createTimeoutMs = 15 * 60_000;

/**
 * Docker's default is 1024. All nodes share one machine here: without more weight for the workers, an API server that
 * starts takes the CPU of the probers and of what they measure, which real nodes do not do to each other.
 */
const workerShares = '4096';

/** A step that begins: ` • Preparing nodes 📦  ...`. What else kind says while all goes well helps nobody here. */
const stepBegun = /^\s*•\s*(.*?)[\s.]*$/u;

const writeMarkScript = 'mkdir -p "$(dirname "$1")" && printf "%s\\n" "$2" > "$1"';

/** The change that creates a kind cluster; its undo deletes it. Throws `foreign-cluster` for a name that is not ours. */
export function createCluster(options: CreateOptions): Change {
  const { spec, folder, run } = options;
  const { name } = spec;
  assertOurName(name);
  const undoArgv = ['kind', 'delete', 'cluster', '--name', name, '--kubeconfig', folder.admin];
  return {
    describe: `create cluster ${name}`,
    undo: { argv: undoArgv, timeoutMs: 120_000 },
    needs: 'host',
    snapshot: async () => {
      // Before anything is written down: the undo must never delete a cluster that was there before.
      if ((await containersOf(name, run)).length === 0) return;
      throw new BlackstartError('usage', `There is already a cluster '${name}'`, {
        hint: `Use it with --cluster ${name}, or delete it: ${pasteable(undoArgv)}`,
      });
    },
    apply: async () => await create(options),
    verify: async () => {
      const left = await containersOf(name, run);
      if (left.length === 0) removeStateFolder(folder);
      return left.map((id) => ({ what: `cluster ${name}: container ${id}`, command: pasteable(undoArgv) }));
    },
  };
}

async function create({ spec, context, nodeImage, folder, run, clock }: CreateOptions): Promise<void> {
  const { name } = spec;
  const { signal, emit } = context;
  // What is left of a former cluster of this name has credentials that are dead, and is old enough to be called gone.
  removeStateFolder(folder);
  await makeStateFolder(folder, run);
  writeFileSync(folder.config, kindConfig(spec), { mode: 0o600 });
  const argv = ['kind', 'create', 'cluster', '--name', name, '--config', folder.config, '--image', nodeImage];
  try {
    // Kept when it fails, for the logs; not waited for, because `settle` waits for more.
    await run([...argv, '--kubeconfig', folder.admin, '--retain', '--wait', '0s'], {
      timeoutMs: createTimeoutMs,
      signal,
      onLine: (line) => {
        const step = stepBegun.exec(line)?.[1];
        if (step !== undefined) emit({ type: 'note', message: `kind: ${step}` });
      },
    });
    const controlPlane = `${name}-control-plane`;
    await runInNode(run, controlPlane, writeMarkScript, [markPath, writeMark(name, clock.now())]);
    await ensureCredentials(name, controlPlane, folder, run);
    await run(['docker', 'update', '--cpu-shares', workerShares, ...workerNames(spec)]);
  } catch (problem) {
    if (!signal.aborted) throw await bringUpFailure(problem, name, context, run);
    await waitForLateContainers(name, run, clock);
    throw problem;
  }
}

/** The names that kind gives: worker, worker2, worker3, … */
function workerNames({ name, workers }: ClusterSpec): readonly string[] {
  return Array.from({ length: workers }, (_, index) => `${name}-worker${index === 0 ? '' : index + 1}`);
}

async function containersOf(cluster: string, run: Run): Promise<readonly string[]> {
  return (await run(nodeIds(cluster))).stdout.split('\n').filter((id) => id !== '');
}
