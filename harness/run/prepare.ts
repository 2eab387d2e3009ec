import { installChaosMesh } from '../cluster/chaos-mesh.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Part } from '../core/events.ts';
import { nodePorts } from '../plan/ports.ts';
import { waitForDns } from '../probe/dns-ready.ts';
import { startProbing, type Probing } from '../probe/probing.ts';
import type { SampleStore } from '../probe/sample-store.ts';
import type { Change } from '../undo/change.ts';
import { clusterNameOf, type ClusterStage, type Stage } from './stage.ts';
import { dnsUpstreamChange, needsDnsUpstream } from './dns-upstream.ts';
import { telemetryChange } from './telemetry.ts';
import { deployWorkloads, workloadsChange } from './workloads.ts';

/** What prepare got to, also when it failed half way. */
export interface Reached {
  cluster?: Cluster;
  /** Set while the cluster is to be deleted at the end. */
  clusterChange?: Change;
  probing?: Probing;
}

/** Brings up everything that the method needs, in the order in which it depends on each other. */
export async function prepare(stage: Stage, reached: Reached): Promise<{ cluster: Cluster; store: SampleStore }> {
  const cluster = await timed(stage, 'cluster', () => openCluster(stage, reached));
  const chaosMesh = needsChaosMesh(stage)
    ? await timed(stage, 'chaosMesh', () => openChaosMesh(stage, cluster))
    : undefined;
  stage.emit({
    type: 'cluster-ready',
    name: cluster.name,
    created: reached.clusterChange !== undefined,
    nodes: cluster.nodes.map(({ name, role, address }) => ({ name, role, address })),
    versions: {
      ...cluster.versions,
      ...(chaosMesh !== undefined && { chaosMesh }),
      node: process.version,
      blackstart: stage.version,
    },
  });
  const probing = await timed(stage, 'workloads', () => startWorkloads({ ...stage, cluster }, reached));
  return { cluster, store: probing.store };
}

async function openCluster(stage: Stage, reached: Reached): Promise<Cluster> {
  const { backend, plan, emit, signal, folder } = stage;
  const context = { emit, signal, runFolder: folder };
  if (stage.clusterName !== undefined) {
    reached.cluster = await backend.attach(stage.clusterName, { ...plan.cluster, nodePorts }, context);
    await reached.cluster.renew();
  } else {
    const spec = { name: clusterNameOf(stage), ...plan.cluster, nodePorts };
    const { change, attach } = backend.create(spec, context);
    reached.clusterChange = change;
    await stage.changes.setUp(change);
    reached.cluster = await attach();
    if (stage.keep) {
      stage.changes.keep(change);
      await reached.cluster.release?.();
    }
  }
  await reached.cluster.settle();
  return reached.cluster;
}

async function openChaosMesh({ chaosMeshChart, run, signal, emit }: Stage, cluster: Cluster): Promise<string> {
  if (cluster.chaosMesh !== undefined) return cluster.chaosMesh;
  const onProgress = (line: string): void => emit({ type: 'note', message: `helm: ${line}` });
  return await installChaosMesh({ cluster, chart: chaosMeshChart, run, signal, onProgress });
}

async function startWorkloads(stage: ClusterStage, reached: Reached): Promise<Probing> {
  // A cluster that is deleted in the end takes its workloads with it.
  const clusterStays = stage.keep || stage.clusterName !== undefined;
  const change = workloadsChange(stage.cluster, () => deployWorkloads(stage), stage.plan.service);
  const changes = [
    ...(stage.plan.cluster.telemetry ? [telemetryChange(stage)] : []),
    ...(needsDnsUpstream(stage) ? [dnsUpstreamChange(stage)] : []),
    change,
  ];
  for (const one of changes) await (clusterStays ? stage.changes.setUp(one) : one.apply());
  await waitForDns(stage);
  reached.probing = await startProbing(stage);
  return reached.probing;
}

function needsChaosMesh({ plan }: Stage): boolean {
  return plan.method.some((step) => step.kind === 'inject' && step.fault.kind.startsWith('pod-chaos'));
}

async function timed<T>(stage: Stage, part: Part, work: () => Promise<T>): Promise<T> {
  const startMs = stage.nowMs();
  try {
    return await work();
  } finally {
    stage.emit({ type: 'part-ended', part, durationMs: Math.round(stage.nowMs() - startMs) });
  }
}
