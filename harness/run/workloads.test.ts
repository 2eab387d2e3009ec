import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ApiClient, KubeObject } from '../cluster/client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Clock } from '../core/clock.ts';
import type { Run } from '../core/command.ts';
import type { Plan } from '../plan/plan.ts';
import { cachePorts } from '../plan/ports.ts';
import { deployWorkloads, workloadsChange } from './workloads.ts';

const namespace = (deletionTimestamp?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'blackstart', ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
});
const kubeDns = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns' },
  spec: { clusterIP: '10.96.0.10' },
};

class FakeClock implements Clock {
  time = 0;
  monotonicMs = (): number => this.time;
  now = (): Date => new Date(0);
  sleep = async (ms: number): Promise<void> => {
    this.time += ms;
  };
}

/** A cluster whose API knows these objects, and a kubectl that writes down what it is asked. */
function world(objects: (name: string) => KubeObject | undefined) {
  const calls: string[] = [];
  const applied: KubeObject[] = [];
  const run: Run = async (argv, options) => {
    const items = options?.input === undefined ? [] : (JSON.parse(options.input) as { items: KubeObject[] }).items;
    applied.push(...items);
    calls.push([argv.slice(1, 3).join(' '), ...items.map((item) => `${item.kind}/${item.metadata.name}`)].join(' '));
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  const api = { get: async ({ name }: { name: string }) => objects(name) } as Partial<ApiClient> as ApiClient;
  const cluster = { api, kubectl: ['kubectl'], coreDnsImage: 'coredns:v1' } as Partial<Cluster> as Cluster;
  return { calls, applied, run, cluster };
}

function planWith(manifests: string | null): Plan {
  const probe = {
    kind: 'node-dns-cache',
    holdMs: 20_000,
    holdIncidentMs: 1_200_000,
    serveStale: 'off',
    forward: 'tcp',
    upstream: 'ready',
    ...cachePorts(0),
  };
  return {
    cluster: { workers: 2, coreDns: 'workers', telemetry: null },
    service: { manifests, namespace: manifests === null ? 'blackstart' : 'shop', name: 'web', port: 80 },
    lanes: [{ name: 'control', role: 'control', rateHz: 50, deadlineMs: 2_000, probe }],
  } as Partial<Plan> as Plan;
}

function usersFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'service-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';
  writeFileSync(join(folder, 'web.yaml'), `${deployment}---\napiVersion: v1\nkind: Service\nmetadata: { name: web }\n`);
  return folder;
}

type Found = (name: string) => KubeObject | undefined;

async function deployed(plan: Plan, found: Found) {
  const { cluster, run, ...seen } = world(found);
  const { signal } = new AbortController();
  await deployWorkloads({ plan, cluster, clock: new FakeClock(), run, signal, emit: () => undefined });
  return seen;
}

async function deploy(manifests: string | null, found: Found): Promise<string[]> {
  return (await deployed(planWith(manifests), found)).calls;
}

/** The ConfigMap with the cache's Corefile, as text. */
async function corefileOf(plan: Plan, found: Found): Promise<string> {
  const { applied } = await deployed(plan, found);
  return JSON.stringify(applied.find(({ metadata }) => metadata.name === 'node-dns-cache-control'));
}

const onlyKubeDns = (name: string): KubeObject | undefined => (name === 'kube-dns' ? kubeDns : undefined);

it('deploys service, caches and probers in this order, each rolled out before the next', async () => {
  expect(await deploy(null, onlyKubeDns)).toEqual([
    'apply --server-side Namespace/blackstart',
    'apply --server-side ConfigMap/model-server-files Deployment/model-server Service/model-server Service/model-server-headless',
    'rollout status',
    'apply --server-side ConfigMap/node-dns-cache-control DaemonSet/node-dns-cache-control',
    'rollout status',
    'apply --server-side ConfigMap/prober-files DaemonSet/prober',
    'rollout status',
  ]);
});

const bothServices = (name: string): KubeObject | undefined =>
  name === 'blackstart-dns-upstream' ? { ...kubeDns, spec: { clusterIP: '10.96.0.53' } } : onlyKubeDns(name);

it('lets a cache that is to ask all CoreDNS pods ask their own Service', async () => {
  const plan = planWith(null);
  const [lane] = plan.lanes;
  if (!lane) throw new Error('no lane');
  const all = { ...plan, lanes: [{ ...lane, probe: { ...lane.probe, upstream: 'all' } }] } as Plan;
  expect(await corefileOf(all, bothServices)).toContain('forward . 10.96.0.53 {');
  expect(await corefileOf(plan, bothServices)).toContain('forward . 10.96.0.10 {');
});

it("takes the user's own service instead of ours", async () => {
  const calls = await deploy(usersFolder(), onlyKubeDns);
  expect(calls[1]).toBe('apply --server-side Deployment/web Service/web');
  expect(calls.join()).not.toContain('model-server');
});

it('waits until the namespace of an earlier run is gone', async () => {
  let asked = 0;
  const found = (name: string): KubeObject | undefined => {
    if (name !== 'blackstart') return onlyKubeDns(name);
    return ++asked < 4 ? namespace('2026-01-01T00:00:00Z') : undefined;
  };
  expect((await deploy(null, found))[0]).toContain('Namespace/blackstart');
  expect(asked).toBe(4);
});

it('gives up when that namespace stays', async () => {
  await expect(deploy(null, () => namespace('2026-01-01T00:00:00Z'))).rejects.toThrow(
    'namespace blackstart of an earlier',
  );
});

it("is undone by deleting our namespace and the user's objects that were not there before", async () => {
  const { cluster } = world((name) => (name === 'web' ? undefined : namespace()));
  const change = workloadsChange(cluster, async () => undefined, planWith(usersFolder()).service);
  await change.snapshot();
  expect(change.undo.argv.join(' ')).toBe(
    'kubectl delete Namespace.v1./blackstart Deployment.v1.apps/web Service.v1./web -n shop --ignore-not-found --wait=true --timeout=60s',
  );
});

it("leaves the user's objects that were there before", async () => {
  const { cluster } = world(() => namespace());
  const change = workloadsChange(cluster, async () => undefined, planWith(usersFolder()).service);
  await change.snapshot();
  expect(change.undo.argv).not.toContain('Deployment.v1.apps/web');
});

it('names what is left, with the command that removes it', async () => {
  let gone = false;
  const { cluster } = world(() => (gone ? undefined : namespace()));
  const change = workloadsChange(cluster, async () => undefined);
  await change.snapshot();
  expect(await change.verify()).toEqual([
    {
      what: 'Namespace blackstart',
      command: 'kubectl delete Namespace.v1./blackstart --ignore-not-found --wait=true --timeout=60s',
    },
  ]);
  gone = true;
  expect(await change.verify()).toEqual([]);
});
