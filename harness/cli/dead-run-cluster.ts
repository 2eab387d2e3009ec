import { join } from 'node:path';
import type { DeadRun } from '../undo/dead-runs.ts';
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
