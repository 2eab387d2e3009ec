import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CommandError, type Run } from '../core/command.ts';
import { BlackstartError } from '../core/errors.ts';
import type { ApiClient } from './client.ts';
import type { Cluster } from './cluster.ts';
import { isReady, restartsOf } from './pod-status.ts';
import { pinnedVersions } from './versions.ts';

export interface ChaosMeshOptions {
  readonly cluster: Cluster;
  /** Path of a chart (folder or archive). Default: the environment's `BLACKSTART_CHAOS_MESH_CHART`, else the pinned release. */
  readonly chart?: string | undefined;
  readonly run: Run;
  readonly signal?: AbortSignal;
  /** Told what helm says while it works. */
  readonly onProgress?: (line: string) => void;
}

const namespace = 'chaos-mesh';
const release = 'chaos-mesh';
const controller = 'deployment/chaos-controller-manager';
const controllerLabel = 'app.kubernetes.io/component=controller-manager';
const valuesPath = fileURLToPath(new URL('../../manifests/kind/chaos-mesh.yaml', import.meta.url));

/** Installs Chaos Mesh, unless it is there with the same settings and ready. Gives its version. */
export async function installChaosMesh(options: ChaosMeshOptions): Promise<string> {
  const { cluster, run, signal, onProgress } = options;
  const chart = chartOf(options.chart ?? process.env['BLACKSTART_CHAOS_MESH_CHART']);
  const settings = settingsOf(chart);
  const helm = (...args: readonly string[]): readonly string[] => {
    const where = ['--namespace', namespace, '--kubeconfig', cluster.credentials.admin];
    return ['helm', ...args, ...where];
  };
  const ending = signal && { signal };
  const before = await statusOf(run, helm('status', release, '--output', 'json'));
  if (before?.status === 'deployed' && before.description === settings) {
    await renewController(options);
    if (await isWell(cluster.api)) return await chaosMeshVersion(cluster);
  }
  // An earlier helm was killed half way; it refuses to go on from there.
  if (before?.status.startsWith('pending')) {
    await run(helm('uninstall', release, '--wait'), { timeoutMs: 120_000, ...ending });
  }
  const install = helm('upgrade', '--install', release, ...chart, '--values', valuesPath, '--description', settings);
  await run([...install, '--create-namespace', '--wait', '--timeout', '5m'], {
    timeoutMs: 320_000,
    ...ending,
    ...(onProgress && { onLine: untilSummary(onProgress) }),
  });
  return await chaosMeshVersion(cluster);
}

/** Helm ends with a summary, from `NAME: …` on, and with notes of the chart: neither is progress. */
function untilSummary(onProgress: (line: string) => void): (line: string) => void {
  let isOver = false;
  return (line) => {
    isOver ||= line.startsWith('NAME: ');
    if (!isOver && line.trim() !== '') onProgress(line.trim());
  };
}

/**
 * A controller that crashed in an earlier run waits longer and longer after each outage of the API server, and a PodChaos
 * with it. A new pod begins without that.
 */
async function renewController({ cluster, run, signal }: ChaosMeshOptions): Promise<void> {
  const pods = await cluster.api.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: controllerLabel });
  if (pods.every((pod) => restartsOf(pod) === 0)) return;
  const kubectl = [...cluster.kubectl, '--namespace', namespace, 'rollout'];
  const options = { timeoutMs: 130_000, ...(signal && { signal }) };
  await run([...kubectl, 'restart', controller], options);
  await run([...kubectl, 'status', controller, '--timeout=120s'], options);
}

/** The version of the Chaos Mesh that runs in the cluster: the tag of its controller's image. */
export async function chaosMeshVersion(cluster: Cluster): Promise<string> {
  const deployment = await cluster.api.get({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace,
    name: 'chaos-controller-manager',
  });
  if (!deployment) throw new BlackstartError('cluster', 'Chaos Mesh is not installed in this cluster');
  const spec = deployment.spec as unknown as {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  const image = spec.template.spec.containers[0]?.image ?? '';
  return image.slice(image.lastIndexOf(':') + 1).replace(/^v/, '');
}

/** The chart as helm's arguments. */
function chartOf(path: string | undefined): readonly string[] {
  if (path === undefined || path === '') {
    const { chaosMesh, chaosMeshRepository } = pinnedVersions();
    return [release, '--repo', chaosMeshRepository, '--version', chaosMesh];
  }
  if (existsSync(path)) return [path];
  throw new BlackstartError('environment', `There is no Chaos Mesh chart at ${path}`, {
    hint: 'Give the path of a chart (folder or .tgz) with --chaos-mesh-chart or BLACKSTART_CHAOS_MESH_CHART, or leave both out.',
  });
}

/** Kept as the description of the helm release, so that the next run sees whether it is the one it wants. */
function settingsOf(chart: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(chart)).update(readFileSync(valuesPath));
  return `blackstart ${hash.digest('hex').slice(0, 16)}`;
}

const helmStatus = z.object({ info: z.object({ status: z.string(), description: z.string().default('') }) });

async function statusOf(run: Run, argv: readonly string[]): Promise<z.infer<typeof helmStatus>['info'] | undefined> {
  try {
    return helmStatus.parse(JSON.parse((await run(argv)).stdout)).info;
  } catch (problem) {
    if (problem instanceof CommandError && problem.message.includes('release: not found')) return undefined;
    throw problem;
  }
}

/** The controller runs, and a daemon on every node, without which nothing there can be killed. */
async function isWell(api: ApiClient): Promise<boolean> {
  const [nodes, pods] = await Promise.all([
    api.list({ apiVersion: 'v1', kind: 'Node' }),
    api.list({ apiVersion: 'v1', kind: 'Pod', namespace }),
  ]);
  const ready = (component: string): number =>
    pods.filter((pod) => isReady(pod) && pod.metadata.labels?.['app.kubernetes.io/component'] === component).length;
  return ready('controller-manager') >= 1 && ready('chaos-daemon') === nodes.length;
}
