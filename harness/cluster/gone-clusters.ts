import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { clusterPrefix } from './ownership.ts';

/** A cluster that is not there while we still keep files about it. */
export interface GoneCluster {
  readonly name: string;
  readonly folder: string;
  /** Why it may live all the same, so that the files must stay; undefined when it is gone. */
  readonly doubt?: string | undefined;
}

/** The folder of a cluster that comes up is there first, and downloads may be slow: nothing younger is called gone. */
const bringUpMs = 15 * 60_000;

/** The folders under `root` in which nothing was made or removed for a while; whether their clusters run is not asked. */
export function settledFolders(root: string, nowMs: number): readonly GoneCluster[] {
  const names = existsSync(root) ? readdirSync(root) : [];
  return names
    .filter((name) => name.startsWith(clusterPrefix))
    .map((name) => ({ name, folder: join(root, name) }))
    .filter(({ folder }) => nowMs - statSync(folder).mtimeMs > bringUpMs);
}
