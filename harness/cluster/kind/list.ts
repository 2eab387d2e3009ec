import type { Run } from '../../core/command.ts';
import { clusterPrefix, markPath, readMark, type ClusterMark } from '../ownership.ts';
import { clusterLabel } from './node-list.ts';
import { runInNode } from './node-script.ts';

/** The names of the clusters on this machine that begin like ours, as long as there is a container of them. */
export async function listKindClusters(run: Run): Promise<readonly string[]> {
  const format = `{{.Label "${clusterLabel}"}}`;
  const { stdout } = await run(['docker', 'ps', '--all', '--filter', `label=${clusterLabel}`, '--format', format]);
  return [...new Set(stdout.split('\n'))].filter((name) => name.startsWith(clusterPrefix));
}

/** Our mark in the control-plane node, read without the API; undefined when it is not there. */
export async function markOf(cluster: string, controlPlane: string, run: Run): Promise<ClusterMark | undefined> {
  return readMark(await runInNode(run, controlPlane, 'cat "$1" 2>/dev/null || true', [markPath]), cluster);
}
