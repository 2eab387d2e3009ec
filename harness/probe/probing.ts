import type { Cluster } from '../cluster/cluster.ts';
import { kubeDnsAddress } from '../cluster/kube-dns.ts';
import type { Clock } from '../core/clock.ts';
import { BlackstartError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { poll } from '../core/poll.ts';
import { operatorNode, type Plan } from '../plan/plan.ts';
import { proberPort } from '../plan/ports.ts';
import type { LaneConfig } from '../workload/prober/wire.ts';
import { openAgentReader, type AgentReader } from './agent-reader.ts';
import { openApiMetricsReader, type ApiMetricsReader } from './api-metrics-reader.ts';
import { openCacheReader, type CacheReader } from './cache-reader.ts';
import { every } from './every.ts';
import { controlPlaneAddress, laneConfigs } from './lane-config.ts';
import { NodeReader } from './node-reader.ts';
import { machineLoadReader } from './machine-load.ts';
import { operatorLaneConfigs } from './operator-lanes.ts';
import { startOperatorProber } from './operator-prober.ts';
import { openProberClient, type ProberClient } from './prober-client.ts';
import { SampleStore } from './sample-store.ts';

export interface ProbingOptions {
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Milliseconds since the start of the run. */
  readonly nowMs: () => number;
  readonly emit: Emit;
  /** Ends the start. Reading goes on until `stop`: what happens after an interruption is judged too. */
  readonly signal: AbortSignal;
}

/** Probes are on their way on every node, and are read without the API. */
export interface Probing {
  readonly store: SampleStore;
  /** Ends the probing after a last read. Never rejects; safe to call twice. */
  stop(): Promise<void>;
}

const readEveryMs = 500;
const readSlowlyEveryMs = 1_000;
/** Real metrics are megabytes of text: that is a load too. */
const readApiEveryMs = 2_000;
/** From "go" to the first sample: every prober must have heard it by then. */
const startAfterMs = 300;
const clockReadings = 5;
const reachableWithinMs = 30_000;

/** Starts all lanes on every worker, and the operator's on this machine, at the same instant, and reads them from then on. */
export async function startProbing(options: ProbingOptions): Promise<Probing> {
  const { plan, cluster, nowMs, emit, clock } = options;
  const nodes = cluster.nodes.filter((node) => node.role === 'worker').map((node) => node.name);
  const workerLanes = laneConfigs(plan, {
    kubeDns: await kubeDnsAddress(cluster.api),
    controlPlane: controlPlaneAddress(cluster.nodes),
  });
  const store = new SampleStore(plan, nodes);
  const operatorLanes = await operatorLaneConfigs(plan, cluster.credentials);
  const operatorProber = operatorLanes.length > 0 ? await startOperatorProber() : undefined;
  const probers = [
    ...nodes.map((node) => ({ node, lanes: workerLanes, url: cluster.nodeUrl(node, proberPort) })),
    ...(operatorProber ? [{ node: operatorNode, lanes: operatorLanes, url: operatorProber.url }] : []),
  ].map(({ url, ...prober }) => ({ ...prober, client: openProberClient(url, nowMs) }));
  const readers = await startReaders(probers, store, options).catch((problem: unknown) => {
    for (const { client } of probers) client.close();
    operatorProber?.close();
    throw problem;
  });
  const agents = plan.cluster.telemetry
    ? probers
        .filter(({ node }) => node !== operatorNode)
        .map(({ node, client }) => openAgentReader({ node, client, store, emit, nowMs }))
    : [];
  const api = plan.cluster.telemetry ? [await openApiMetricsReader(cluster.credentials.breakGlass, emit, nowMs)] : [];
  const all = { probers: readers, caches: cacheReaders(nodes, options), agents, api, machine: machineLoadReader(emit) };
  return readUntilStopped(store, all, clock, () => operatorProber?.close());
}

interface Prober {
  readonly node: string;
  readonly lanes: readonly LaneConfig[];
  readonly client: ProberClient;
}

async function startReaders(
  probers: readonly Prober[],
  store: SampleStore,
  options: ProbingOptions,
): Promise<readonly NodeReader[]> {
  const { nowMs, emit } = options;
  await Promise.all(probers.map(async ({ node, client }) => await measureOffset(node, client, options)));
  const startAtMs = nowMs() + startAfterMs;
  const readers = await Promise.all(
    probers.map(async ({ node, client, lanes }) => {
      const reader = new NodeReader({ node, client, lanes, store, emit, nowMs });
      await reader.start(startAtMs - offsetOf(client));
      return reader;
    }),
  );
  emit({ type: 'probing-started', atMs: Math.round(startAtMs), nodes: probers.map(({ node }) => node) });
  return readers;
}

async function measureOffset(node: string, client: ProberClient, { clock, signal }: ProbingOptions): Promise<void> {
  const what = `the prober on ${node}`;
  await poll(() => client.clock(), { clock, signal, intervalMs: 200, timeoutMs: reachableWithinMs, what });
  for (let reading = 1; reading < clockReadings; reading++) await client.clock();
}

function offsetOf(client: ProberClient): number {
  if (!client.offset.best)
    throw new BlackstartError('internal', 'The offset of a clock was used before it was measured');
  return client.offset.best.offsetMs;
}

function cacheReaders(nodes: readonly string[], { plan, cluster, emit, nowMs }: ProbingOptions): CacheReader[] {
  return plan.lanes.flatMap(({ name: lane, probe }) =>
    probe.kind === 'node-dns-cache'
      ? nodes.map((node) =>
          openCacheReader({ node, lane, baseUrl: cluster.nodeUrl(node, probe.metricsPort), emit, nowMs }),
        )
      : [],
  );
}

interface Readers {
  readonly probers: readonly NodeReader[];
  readonly caches: readonly CacheReader[];
  readonly agents: readonly AgentReader[];
  readonly api: readonly ApiMetricsReader[];
  readonly machine: { read(): Promise<void> };
}

/** Every reader goes by itself: one that hangs holds up no other. */
function readUntilStopped(
  store: SampleStore,
  { probers, caches, agents, api, machine }: Readers,
  clock: Clock,
  close: () => void,
): Probing {
  const end = new AbortController();
  const loops = Promise.all([
    ...probers.map((reader) => every(readEveryMs, clock, end.signal, () => reader.read())),
    ...api.map((reader) => every(readApiEveryMs, clock, end.signal, () => reader.read())),
    ...[...caches, ...agents, machine].map((reader) =>
      every(readSlowlyEveryMs, clock, end.signal, () => reader.read()),
    ),
  ]);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    end.abort();
    await loops;
    await Promise.all([...caches, ...agents].map((reader) => reader.read()));
    await Promise.all(probers.map((reader) => reader.stop()));
    for (const reader of [...caches, ...api]) reader.close();
    close();
  };
  return { store, stop: () => (stopped ??= stop()) };
}
