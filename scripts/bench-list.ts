/**
 * A program, part of `npm run bench`: `node scripts/bench-list.ts [NODES …] [--pods PODS-PER-NODE]`. Fills an embedded cluster
 * with more and more fake nodes and prints what a LIST of all pods takes and costs the API server at each size, and with which
 * power of the nodes the total load grows when every node asks for that LIST.
 */
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { planFrom } from '../harness/cli/options.ts';
import { applyObjects, waitRolledOut, type ApplyOptions } from '../harness/cluster/apply.ts';
import { signInOf } from '../harness/cluster/client-node.ts';
import type { Cluster } from '../harness/cluster/cluster.ts';
import { embeddedBackend } from '../harness/cluster/embedded/embedded-backend.ts';
import { loadManifests } from '../harness/cluster/manifests.ts';
import { systemClock } from '../harness/core/clock.ts';
import { run } from '../harness/core/command.ts';
import { quantile } from '../harness/core/quantile.ts';
import { ApiMetricsParser } from '../harness/probe/api-metrics.ts';
import { telemetryObjects } from '../harness/run/telemetry-objects.ts';
import { fitPowerLaw } from '../harness/study/fit/power-law.ts';
import { clusterMemory } from './cluster-memory.ts';

const lists = 10;
const idleMs = 5_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pods: { type: 'string', default: '20' } },
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [100, 200, 400, 800];
const signal = new AbortController().signal;
const context = { emit: () => undefined, signal, runFolder: tmpdir() };
const backend = embeddedBackend({ clock: systemClock });
const name = `blackstart-bench-list-${process.pid}`;
const { change, attach } = backend.create({ name, workers: 2, coreDns: 'workers', nodePorts: [] }, context);
await change.snapshot();
try {
  await change.apply();
  await measureAll(await attach());
} finally {
  await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs });
}

async function measureAll(cluster: Cluster): Promise<void> {
  const api = await openApi(cluster.credentials.breakGlass);
  const apply: ApplyOptions = { kubectl: cluster.kubectl, run, signal };
  await applyObjects(loadManifests(join(import.meta.dirname, '../manifests/namespace.yaml'), {}), apply);
  console.log('nodes    pods    MB   LIST p50 ms   p99 ms   API CPU ms per LIST   memory MB (PSS)');
  const points: { readonly x: number; readonly y: number }[] = [];
  for (const nodes of sizes) {
    await fill(cluster, apply, nodes);
    const { bytes, latenciesMs, cpuMs } = await measure(api);
    points.push({ x: nodes, y: nodes * cpuMs });
    const columns = [
      String(nodes).padStart(5),
      String(nodes * Number(values.pods)).padStart(8),
      (bytes / 1e6).toFixed(1).padStart(6),
      (quantile(latenciesMs, 0.5) ?? 0).toFixed(0).padStart(14),
      (quantile(latenciesMs, 0.99) ?? 0).toFixed(0).padStart(9),
      cpuMs.toFixed(1).padStart(22),
      clusterMemory(name).memoryMb.toFixed(0).padStart(18),
    ];
    console.log(columns.join(''));
  }
  const exponent = fitPowerLaw(points)?.exponent;
  console.log(
    exponent
      ? `total load, one LIST from every node: grows with the nodes to the power of ${exponent.value.toFixed(2)} ± ${exponent.plusMinus.toFixed(2)}`
      : 'no exponent: too few sizes, or no CPU time was used',
  );
}

/** What is there already stays; more nodes come. */
async function fill(cluster: Cluster, apply: ApplyOptions, nodes: number): Promise<void> {
  const plan = await planFrom('api-load', {
    backend: 'embedded',
    set: [`nodes=${nodes}`, `podsPerNode=${values.pods}`],
    seed: 1,
    timeScale: undefined,
    sabotage: undefined,
    manifests: undefined,
    service: undefined,
  });
  const all = telemetryObjects({ plan, cluster, clock: systemClock, emit: context.emit, signal, run });
  const crowd = all.filter(({ metadata }) => !metadata.name.includes('telemetry-agent'));
  await applyObjects(crowd, apply);
  await waitRolledOut(crowd, apply);
}

interface Api {
  /** The bytes of an answer; `onText` gets it piece by piece. */
  get(path: string, onText?: (text: string) => void): Promise<number>;
}

async function openApi(kubeconfig: string): Promise<Api> {
  const { server, tls } = await signInOf(kubeconfig);
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 1 });
  return {
    get: async (path, onText) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      let bytes = 0;
      const sent = request(`${server}${path}`, { agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path}: status ${response.statusCode}`));
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          onText?.(piece.toString('latin1'));
        });
        response.on('error', reject);
        response.on('end', () => resolve(bytes));
      });
      sent.on('error', reject);
      sent.end();
      return await promise;
    },
  };
}

interface Measured {
  readonly bytes: number;
  readonly latenciesMs: readonly number[];
  /** Of one LIST, beyond what the API server uses anyway. */
  readonly cpuMs: number;
}

async function measure(api: Api): Promise<Measured> {
  await api.get('/api/v1/pods');
  const idle = await cpuDuring(api, async () => await sleep(idleMs));
  const latenciesMs: number[] = [];
  let bytes = 0;
  const busy = await cpuDuring(api, async () => {
    for (let count = 0; count < lists; count++) {
      const startMs = performance.now();
      bytes = await api.get('/api/v1/pods');
      latenciesMs.push(performance.now() - startMs);
    }
  });
  return { bytes, latenciesMs, cpuMs: (busy.cpuMs - (idle.cpuMs / idle.ms) * busy.ms) / lists };
}

async function cpuDuring(
  api: Api,
  work: () => Promise<void>,
): Promise<{ readonly cpuMs: number; readonly ms: number }> {
  const startMs = performance.now();
  const before = await cpuS(api);
  await work();
  return { cpuMs: ((await cpuS(api)) - before) * 1_000, ms: performance.now() - startMs };
}

async function cpuS(api: Api): Promise<number> {
  const parser = new ApiMetricsParser();
  await api.get('/metrics', (text) => parser.feed(text));
  const { cpuS: told } = parser.end();
  if (told === null) throw new Error('the API server does not tell its CPU time');
  return told;
}
