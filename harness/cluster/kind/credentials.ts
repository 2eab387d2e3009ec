import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Run } from '../../core/command.ts';
import { nodeTimeoutMs } from './node-script.ts';
import { makeStateFolder, writePrivate, type StateFolder } from './state-folder.ts';

const kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })).min(1),
});

/** Writes the kubeconfigs that are missing. The user's own kubeconfig is never touched. */
export async function ensureCredentials(
  cluster: string,
  controlPlane: string,
  folder: StateFolder,
  run: Run,
): Promise<void> {
  await makeStateFolder(folder, run);
  if (!existsSync(folder.admin)) {
    await run(['kind', 'export', 'kubeconfig', '--name', cluster, '--kubeconfig', folder.admin]);
  }
  chmodSync(folder.admin, 0o600);
  if (existsSync(folder.breakGlass)) return;
  const read = ['docker', 'exec', controlPlane, 'cat', '/etc/kubernetes/super-admin.conf'];
  const { stdout } = await run(read, { timeoutMs: nodeTimeoutMs });
  writePrivate(folder.breakGlass, withServerOf(stdout, readFileSync(folder.admin, 'utf8')));
}

/** A kubeconfig whose clusters are reached where those of the other one are: from inside the node to outside of it. */
function withServerOf(text: string, other: string): string {
  const server = kubeconfig.parse(parse(other)).clusters[0]?.cluster.server;
  const config = kubeconfig.parse(parse(text));
  const clusters = config.clusters.map((one) => ({ ...one, cluster: { ...one.cluster, server } }));
  return stringify({ ...config, clusters });
}
