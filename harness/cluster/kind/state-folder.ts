import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../cluster.ts';

/** What we keep on disk about a cluster of ours: the kubeconfigs and the config it was made from. */
export interface StateFolder extends Credentials {
  readonly path: string;
  readonly config: string;
}

/** Where the folders of all clusters lie: `$XDG_STATE_HOME/blackstart/clusters`, by default under `~/.local/state`. */
export function defaultStateRoot(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = env['XDG_STATE_HOME'];
  return join(home !== undefined && home !== '' ? home : join(homedir(), '.local', 'state'), 'blackstart', 'clusters');
}

export function stateFolder(root: string, cluster: string): StateFolder {
  const path = join(root, cluster);
  return {
    path,
    config: join(path, 'cluster.yaml'),
    admin: join(path, 'admin.conf'),
    breakGlass: join(path, 'break-glass.conf'),
  };
}

/** Makes the folder, readable by its owner only. */
export function makeStateFolder(folder: StateFolder): void {
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
}

export function removeStateFolder(folder: StateFolder): void {
  rmSync(folder.path, { recursive: true, force: true });
}

/** Writes a file that only its owner can read. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
