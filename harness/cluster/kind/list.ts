import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Run } from '../../core/command.ts';
import { clusterPrefix, markPath, readMark, type ClusterMark } from '../ownership.ts';
import { clusterLabel } from './node-list.ts';
import { runInNode } from './node-script.ts';
import { defaultStateRoot, removeStateFolder, stateFolder } from './state-folder.ts';

/** A kind cluster whose name begins like ours. */
export interface ListedCluster {
  readonly name: string;
  readonly nodes: readonly string[];
  /** When we made it, RFC 3339; undefined when it lacks our mark, or its control plane cannot be asked. */
  readonly createdAt: string | undefined;
}

/** The clusters on this machine that are ours, or were being made when their run died. */
export async function listKindClusters(run: Run): Promise<readonly ListedCluster[]> {
  const format = `{{.Label "${clusterLabel}"}} {{.Names}} {{.Label "io.x-k8s.kind.role"}}`;
  const { stdout } = await run(['docker', 'ps', '--all', '--filter', `label=${clusterLabel}`, '--format', format]);
  const rows = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([cluster = '']) => cluster.startsWith(clusterPrefix));
  return await Promise.all(
    [...Map.groupBy(rows, ([cluster = '']) => cluster)].map(async ([name, members]) => {
      const controlPlane = members.find(([, , role]) => role === 'control-plane')?.[1];
      const mark =
        controlPlane === undefined ? undefined : await markOf(name, controlPlane, run).catch(() => undefined);
      return { name, nodes: members.map(([, node = '']) => node).toSorted(), createdAt: mark?.createdAt };
    }),
  );
}

/** Our mark in the control-plane node, read without the API; undefined when it is not there. */
export async function markOf(cluster: string, controlPlane: string, run: Run): Promise<ClusterMark | undefined> {
  return readMark(await runInNode(run, controlPlane, 'cat "$1" 2>/dev/null || true', [markPath]), cluster);
}

/** The folder of a cluster is there a little before its first container, so young ones are left alone. */
const youngMs = 10 * 60_000;

/** Removes what we kept on disk about clusters that are gone; gives their names. */
export async function removeStaleState(run: Run, clock: Clock, root = defaultStateRoot()): Promise<readonly string[]> {
  const oldestYoungMs = clock.now().getTime() - youngMs;
  const folders = existsSync(root) ? readdirSync(root) : [];
  const old = folders.filter((name) => statSync(join(root, name)).mtimeMs < oldestYoungMs);
  const alive = new Set((await listKindClusters(run)).map((one) => one.name));
  const stale = old.filter((name) => name.startsWith(clusterPrefix) && !alive.has(name));
  for (const name of stale) removeStateFolder(stateFolder(root, name));
  return stale;
}
