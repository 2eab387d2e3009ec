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

/**
 * Where the folders of all clusters lie: `BLACKSTART_EMBEDDED_DIR`, by default a folder of the user's own under the
 * system's folder for temporary files. It must be short: the path of a Unix socket has 108 characters at most.
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
