import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Backend, Cluster, ClusterContext, ClusterSpec } from '../cluster.ts';
import { assertThere, runningCluster } from './attach-cluster.ts';
import { settledFolders } from '../gone-clusters.ts';
import { createCluster } from './create-cluster.ts';
import { doctor } from './doctor.ts';
import { embeddedCluster } from './embedded-cluster.ts';
import { listEmbeddedClusters } from './list.ts';
import { nobodyListens } from './socket.ts';
import { defaultStateRoot, hostRuns, readHost, stateFolder, type StateFolder } from './state-folder.ts';

export interface EmbeddedBackendOptions {
  readonly clock: Clock;
  /** Folder with one folder per cluster. Default: see `defaultStateRoot`. */
  readonly stateFolder?: string;
  /** New clusters end with this process. Default: this one; `null`: they stay until they are deleted. */
  readonly ownerPid?: number | null;
}

/** Clusters of real processes on this machine's loopback addresses; they need nothing but Node on Linux. */
export function embeddedBackend({ clock, ownerPid = process.pid, ...options }: EmbeddedBackendOptions): Backend {
  const root = options.stateFolder ?? defaultStateRoot();
  const attach = async (name: string, wants: Omit<ClusterSpec, 'name'>, context: ClusterContext): Promise<Cluster> => {
    const { folder, nodes } = await runningCluster(root, name, wants);
    return await embeddedCluster({ name, nodes, coreDns: wants.coreDns, folder, clock, context });
  };
  return {
    name: 'embedded',
    limitsCpu: false,
    doctor: async () => await doctor(root),
    create: (spec, context) => ({
      change: createCluster({ spec, folder: stateFolder(root, spec.name), context, ownerPid: ownerPid ?? undefined }),
      attach: async () => await attach(spec.name, spec, context),
    }),
    location: async () => resolve(root),
    list: async () => listEmbeddedClusters(root),
    credentials: async (name) => {
      assertThere(root, name);
      return stateFolder(root, name);
    },
    gone: async () => {
      const settled = settledFolders(root, clock.now().getTime());
      const areGone = await Promise.all(settled.map(async ({ name }) => await isGone(stateFolder(root, name))));
      return settled.filter((_, index) => areGone[index]);
    },
    forget: (name) => rmSync(stateFolder(root, name).path, { recursive: true, force: true }),
    assertOurs: async (name, wants) => {
      await runningCluster(root, name, wants);
    },
    attach,
  };
}

/** The folder may be shared: with other users, whose hosts are not ours to judge, and with containers, whose processes are not seen here. */
async function isGone(folder: StateFolder): Promise<boolean> {
  if (statSync(folder.path).uid !== process.getuid?.()) return false;
  const host = readHost(folder);
  if (host && hostRuns(host)) return false;
  return await nobodyListens(folder.hostSocket);
}
