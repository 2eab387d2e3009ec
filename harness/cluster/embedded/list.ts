import { existsSync, readdirSync } from 'node:fs';
import { clusterPrefix } from '../ownership.ts';

/** The names of this user's embedded clusters, the ones whose host died included. */
export function listEmbeddedClusters(root: string): readonly string[] {
  const names = existsSync(root) ? readdirSync(root) : [];
  return names.filter((name) => name.startsWith(clusterPrefix)).toSorted();
}
