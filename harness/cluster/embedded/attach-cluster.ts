import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { ClusterSpec } from '../cluster.ts';
import { assertOurName } from '../ownership.ts';
import { deleteCommand } from './create-cluster.ts';
import { listEmbeddedClusters } from './list.ts';
import { listNodes, type EmbeddedNode } from './node-list.ts';
import { hostRuns, readHost, stateFolder, type StateFolder } from './state-folder.ts';

/** The folder and nodes of a running cluster. Rejects with `usage` when there is none, or when it does not fit. */
export async function runningCluster(
  root: string,
  name: string,
  wants: Omit<ClusterSpec, 'name'>,
): Promise<{ readonly folder: StateFolder; readonly nodes: readonly EmbeddedNode[] }> {
  assertThere(root, name);
  const folder = stateFolder(root, name);
  const host = readHost(folder);
  if (!host || !hostRuns(host)) {
    throw new BlackstartError('cluster', `Cluster '${name}' is dead: its host process is gone`, {
      hint: `Remove what is left of it: ${pasteable(deleteCommand(folder))}`,
    });
  }
  const nodes = await listNodes(folder);
  const halted = nodes.find((node) => node.paused || node.pid === null);
  if (halted) {
    throw new BlackstartError('cluster', `Node ${halted.name} ${halted.paused ? 'is paused' : 'has no process'}`);
  }
  const workers = nodes.filter((node) => node.role === 'worker').length;
  if (workers === wants.workers) return { folder, nodes };
  throw new BlackstartError(
    'usage',
    `Cluster '${name}' does not fit the experiment: it has ${workers} workers, not ${wants.workers}`,
    { hint: 'Leave --cluster out to get a new one.' },
  );
}

/** Throws `foreign-cluster` for a name that is not ours, `usage` when there is no such cluster. */
export function assertThere(root: string, name: string): void {
  assertOurName(name);
  const names = listEmbeddedClusters(root);
  if (names.includes(name)) return;
  throw new BlackstartError('usage', `There is no cluster '${name}'`, {
    hint: names.length === 0 ? 'Leave --cluster out to get a new one.' : `There are: ${names.join(', ')}.`,
  });
}
