import type { Clock } from '../../core/clock.ts';
import { pasteable, type Run } from '../../core/command.ts';
import type { Backend, Cluster, ClusterContext, ClusterSpec } from '../cluster.ts';
import { settledFolders } from '../gone-clusters.ts';
import { assertOurName } from '../ownership.ts';
import { pinnedVersions } from '../versions.ts';
import { ourCluster, ourNodes } from './attach-cluster.ts';
import { createCluster } from './create-cluster.ts';
import { ensureCredentials } from './credentials.ts';
import { daemonId } from './daemon.ts';
import { doctor } from './doctor.ts';
import { kindCluster } from './kind-cluster.ts';
import { listKindClusters } from './list.ts';
import { defaultStateRoot, readDaemon, removeStateFolder, stateFolder, type StateFolder } from './state-folder.ts';

export interface KindBackendOptions {
  /** Image of the nodes. Default: the environment's `BLACKSTART_NODE_IMAGE`, else the one pinned in manifests/versions.yaml. */
  readonly nodeImage?: string | undefined;
  /** Folder with one folder per cluster. Default `$XDG_STATE_HOME/blackstart/clusters`. */
  readonly stateFolder?: string | undefined;
  readonly run: Run;
  readonly clock: Clock;
}

/** Clusters of real nodes in Docker containers, by way of the kind CLI. */
export function kindBackend({ run, clock, ...options }: KindBackendOptions): Backend {
  const nodeImage = options.nodeImage ?? process.env['BLACKSTART_NODE_IMAGE'] ?? pinnedVersions().kindNodeImage;
  const root = options.stateFolder ?? defaultStateRoot();
  const attach = async (name: string, wants: Omit<ClusterSpec, 'name'>, context: ClusterContext): Promise<Cluster> => {
    const nodes = await ourNodes(name, wants, run);
    const folder = stateFolder(root, name);
    const controlPlane = nodes.find((node) => node.role === 'control-plane');
    await ensureCredentials(name, controlPlane?.name ?? '', folder, run);
    return await kindCluster({ name, nodes, coreDns: wants.coreDns, folder, run, clock, context });
  };
  return {
    name: 'kind',
    limitsCpu: true,
    doctor: async () => await doctor({ nodeImage, run }),
    create: (spec, context) => {
      assertOurName(spec.name);
      const change = createCluster({ spec, context, nodeImage, folder: stateFolder(root, spec.name), run, clock });
      return { change, attach: async () => await attach(spec.name, spec, context) };
    },
    location: async () => await daemonId(run),
    list: async () => await listKindClusters(run),
    credentials: async (name) => {
      const folder = stateFolder(root, name);
      await ensureCredentials(name, (await ourCluster(name, run)).controlPlane, folder, run);
      return folder;
    },
    gone: async () => {
      const settled = settledFolders(root, clock.now().getTime());
      // Without such a folder Docker need not even be there.
      if (settled.length === 0) return [];
      const names = await listKindClusters(run);
      const daemon = await daemonId(run);
      return settled
        .filter(({ name }) => !names.includes(name))
        .map((one) => ({ ...one, doubt: doubtOf(stateFolder(root, one.name), daemon) }));
    },
    forget: (name) => {
      assertOurName(name);
      removeStateFolder(stateFolder(root, name));
    },
    assertOurs: async (name, wants) => {
      await ourNodes(name, wants, run);
    },
    attach,
  };
}

/** A daemon that does not know a cluster is a proof only where it is the one that had it. */
function doubtOf(folder: StateFolder, daemon: string | undefined): string | undefined {
  if (daemon === undefined) return 'the Docker daemon does not tell its ID';
  const itsDaemon = readDaemon(folder);
  if (itsDaemon === daemon) return undefined;
  // Folders of before the ID was written down stay too: a cluster of another daemon cannot be told from one that is gone.
  const where = itsDaemon === undefined ? 'on an unknown Docker daemon' : `on another Docker daemon, ${itsDaemon}`;
  return `it was made ${where}; if that is gone: ${pasteable(['rm', '-r', folder.path])}`;
}
