import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../../core/command.ts';
import type { Credentials } from '../cluster.ts';
import { daemonId } from './daemon.ts';

/** What we keep on disk about a cluster of ours: the kubeconfigs and the config it was made from. */
export interface StateFolder extends Credentials {
  readonly path: string;
  readonly config: string;
  /** The ID of the Docker daemon that has the cluster. */
  readonly daemon: string;
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
    daemon: join(path, 'docker-daemon-id'),
    admin: join(path, 'admin.conf'),
    breakGlass: join(path, 'break-glass.conf'),
  };
}

/** Makes the folder, readable by its owner only, of a cluster that the Docker daemon of now has or will have. */
export async function makeStateFolder(folder: StateFolder, run: Run): Promise<void> {
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  if (existsSync(folder.daemon)) return;
  const daemon = await daemonId(run);
  if (daemon !== undefined) writePrivate(folder.daemon, daemon);
}

/** The ID of the Docker daemon that has the cluster; undefined in folders of before it was written down. */
export function readDaemon(folder: StateFolder): string | undefined {
  return existsSync(folder.daemon) ? readFileSync(folder.daemon, 'utf8') : undefined;
}

export function removeStateFolder(folder: StateFolder): void {
  rmSync(folder.path, { recursive: true, force: true });
}

/** Writes a file that only its owner can read. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
