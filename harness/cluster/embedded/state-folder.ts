import { existsSync, readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../undo/process-identity.ts';
import type { Credentials } from '../cluster.ts';

/** The folder of an embedded cluster: its certificates, kubeconfigs, store, logs and sockets. */
export interface StateFolder extends Credentials {
  readonly path: string;
  readonly spec: string;
  readonly log: string;
  readonly hostSocket: string;
  nodeSocket(node: string): string;
}

/** The kernel's limit for the path of a Unix socket in bytes, less the closing zero. */
const maxSocketPath = 107;

/**
 * Where the folders of all clusters lie: `BLACKSTART_EMBEDDED_DIR`, by default a folder of the user's own under the
 * system's folder for temporary files. It should be short, see `longestName`.
 */
export function defaultStateRoot(): string {
  return process.env['BLACKSTART_EMBEDDED_DIR'] ?? join(tmpdir(), `blackstart-${userInfo().uid}`);
}

export function stateFolder(root: string, cluster: string): StateFolder {
  const path = join(root, cluster);
  return {
    path,
    spec: join(path, 'spec.json'),
    log: join(path, 'host.log'),
    hostSocket: join(path, 'host.sock'),
    admin: join(path, 'admin.conf'),
    breakGlass: join(path, 'super-admin.conf'),
    nodeSocket: (node) => join(path, 'nodes', node, 'control.sock'),
  };
}

/** How long a cluster's name may be for its sockets to be opened: the longest of their paths holds the name twice. */
export function longestName(root: string): number {
  const nameless = `${stateFolder(root, '').nodeSocket('-control-plane')}/`;
  return Math.max(0, Math.floor((maxSocketPath - Buffer.byteLength(nameless)) / 2));
}

const hostFile = z.object({ pid: z.number(), startTicks: z.string(), name: z.string(), subnet: z.number() });

/** What the host of a cluster says about itself. */
export type Host = Readonly<z.infer<typeof hostFile>>;

/** The host of a cluster, whether it runs or not; undefined when there is no such cluster. */
export function readHost(folder: StateFolder): Host | undefined {
  const path = join(folder.path, 'host.json');
  return existsSync(path) ? hostFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

export function hostRuns(host: Host): boolean {
  return isAlive({ pid: host.pid, started: host.startTicks });
}
