import { join, resolve } from 'node:path';
import type { Backend } from '../cluster/cluster.ts';
import { pasteable } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';
import { findDeadRuns, type DeadRun } from '../undo/dead-runs.ts';
import { openBackend } from './backend.ts';

/**
 * Why the undos of a dead run are left alone: its cluster may live where this process does not look, as with another
 * DOCKER_HOST, and its name proves nothing here. Undefined when they can be carried out.
 */
export async function whyLeftAlone({ folder, cluster }: DeadRun): Promise<string | undefined> {
  if (!cluster) return undefined;
  const { name, location } = cluster;
  const backend = openBackend(cluster.backend);
  const here = await backend.location();
  if (here === undefined) return `it cannot be told where ${backend.name} clusters are now`;
  if (location === here) return undefined;
  const otherwise = `if it is gone for good, remove ${join(folder, 'undo.jsonl')}`;
  if (location !== undefined) return `${name} is on ${location}, and here is ${here}; ${otherwise}`;
  // Old logs do not say where. A cluster of that name is the one that is meant; that there is none does not prove that it is gone.
  if ((await backend.list()).includes(name)) return undefined;
  return `${name} is not here, and nobody wrote down where it was; ${otherwise}`;
}

/** Throws `usage` when a run that died left this cluster in a state that is not its own: what came next could not be trusted. */
export async function assertNoDeadRun(runsFolder: string, backend: Backend, name: string): Promise<void> {
  const runs = resolve(runsFolder);
  const dead = findDeadRuns(runs).filter(({ cluster }) => cluster?.backend === backend.name && cluster.name === name);
  if (dead.length === 0) return;
  const here = await backend.location();
  // Only one that is surely elsewhere is another cluster.
  const meant = dead.find(({ cluster }) => here === undefined || (cluster?.location ?? here) === here);
  if (!meant) return;
  throw new BlackstartError(
    'usage',
    `A run that died left ${meant.pending.length} changes in '${name}' that are not undone: ${meant.folder}`,
    { hint: `Undo them first: ${pasteable(['npm', 'run', '-s', 'blackstart', '--', 'cleanup', '--runs', runs])}` },
  );
}
