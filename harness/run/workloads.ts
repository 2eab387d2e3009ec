import { resolve } from 'node:path';
import { applyObjects, waitRolledOut, type ApplyOptions } from '../cluster/apply.ts';
import type { KubeObject } from '../cluster/client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { dnsUpstreamAddress, kubeDnsAddress } from '../cluster/kube-dns.ts';
import { loadManifests, type PlaceholderValues } from '../cluster/manifests.ts';
import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { Emit } from '../core/events.ts';
import { poll } from '../core/poll.ts';
import type { Plan } from '../plan/plan.ts';
import { proberPort } from '../plan/ports.ts';
import { cacheLanes, cacheValues } from './cache-values.ts';
import { needsDnsUpstream } from './dns-upstream.ts';
import { programFiles } from './program-files.ts';
import { telemetryObjects } from './telemetry-objects.ts';

export { workloadsChange } from './workloads-change.ts';

export interface WorkloadsContext {
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly run: Run;
}

const namespace = 'blackstart';
/** Wall time for a namespace of an earlier run to be gone. */
const namespaceGoneMs = 120_000;

/**
 * Brings up what runs in the cluster, in the order of dependence: the service, then the caches (empty), then the
 * probers. Each is rolled out before the next begins. Safe to run again.
 */
export async function deployWorkloads(context: WorkloadsContext): Promise<void> {
  await openNamespace(context);
  await deployService(context);
  await deployCaches(context);
  await deployProbers(context);
  await deployOperatorProbe(context);
  await deployTelemetry(context);
}

/** Creates our namespace; one that is still going away is waited for. */
async function openNamespace(context: WorkloadsContext): Promise<void> {
  await namespaceGone(namespace, context);
  await applyObjects(ours('namespace.yaml', {}), applyOptions(context));
}

/** Waits while a namespace of an earlier run is going away. */
export async function namespaceGone(name: string, { cluster, clock, signal }: WorkloadsContext): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  await poll(async () => ((await cluster.api.get(ref))?.metadata.deletionTimestamp === undefined ? true : undefined), {
    clock,
    signal,
    intervalMs: 500,
    timeoutMs: namespaceGoneMs,
    what: `namespace ${name} of an earlier run to be gone`,
  });
}

async function deployService(context: WorkloadsContext): Promise<void> {
  const { service } = context.plan;
  if (service.manifests !== null) {
    const objects = loadManifests(resolve(service.manifests));
    return await rollOut(objects, { ...applyOptions(context), namespace: service.namespace });
  }
  const { configMap, hash } = programFiles('model-server', namespace);
  await rollOut([configMap, ...ours('model-server', { FILES_HASH: hash })], applyOptions(context));
}

async function deployCaches(context: WorkloadsContext): Promise<void> {
  const lanes = cacheLanes(context.plan.lanes);
  if (lanes.length === 0) return;
  const { api, coreDnsImage } = context.cluster;
  const surroundings = {
    upstreams: {
      ready: await kubeDnsAddress(api),
      ...(needsDnsUpstream(context) && { all: await dnsUpstreamAddress(api) }),
    },
    coreDnsImage,
    deployed: context.clock.now().toISOString(),
  };
  const objects = lanes.flatMap((lane) => ours('node-dns-cache', cacheValues(lane, surroundings)));
  await rollOut(objects, applyOptions(context));
}

async function deployProbers(context: WorkloadsContext): Promise<void> {
  const { configMap, hash } = programFiles('prober', namespace);
  const objects = ours('prober', { FILES_HASH: hash, PROBER_PORT: proberPort });
  await rollOut([configMap, ...objects], applyOptions(context));
}

async function deployOperatorProbe(context: WorkloadsContext): Promise<void> {
  if (!context.plan.lanes.some(({ probe }) => probe.kind === 'operator')) return;
  await applyObjects(ours('operator-probe.yaml', {}), applyOptions(context));
}

/** Last: what is in its way would be slowed down by the crowd. */
async function deployTelemetry(context: WorkloadsContext): Promise<void> {
  const objects = telemetryObjects(context);
  if (objects.length > 0) await rollOut(objects, applyOptions(context));
}

async function rollOut(objects: readonly KubeObject[], options: ApplyOptions): Promise<void> {
  await applyObjects(objects, options);
  await waitRolledOut(objects, options);
}

function applyOptions({ cluster, run, signal }: WorkloadsContext): ApplyOptions {
  return { kubectl: cluster.kubectl, run, signal };
}

/** Our own manifests, filled in. */
function ours(name: string, values: PlaceholderValues): KubeObject[] {
  return loadManifests(resolve(import.meta.dirname, '../../manifests', name), values);
}
