import { expect, test } from 'vitest';
import type { Clock } from '../core/clock.ts';
import type { ApiClient, KubeObject } from './client.ts';
import { settle } from './settle.ts';

const nodes = [
  { name: 'cp', role: 'control-plane', address: '' },
  { name: 'w1', role: 'worker', address: '' },
  { name: 'w2', role: 'worker', address: '' },
] as const;
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

const pod = (name: string, nodeName: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { nodeName },
  status: ready,
});
const dns = (on: readonly string[]): KubeObject[] => on.map((node, i) => pod(`dns-${i}`, node, { dns: '' }));

/** A small cluster: its Deployment controller puts a ready pod on each of `homes` whenever the Deployment changed. */
function fakeCluster(): {
  readonly api: ApiClient;
  readonly pods: KubeObject[];
  readonly patches: unknown[];
  homes: readonly string[];
  onPoll: () => void;
} {
  const deployment = {
    generation: 1,
    spec: { replicas: 2, template: { spec: { containers: [{ image: 'coredns:1' }] } } } as Record<string, unknown>,
  };
  const mirrors = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const cluster = {
    pods: [...mirrors.map((name) => pod(`${name}-cp`, 'cp', { tier: '' })), ...dns(['cp', 'cp'])],
    patches: [] as unknown[],
    homes: ['w1', 'w2'] as readonly string[],
    onPoll: () => {},
    api: {
      get: async () => {
        const { replicas } = deployment.spec as { replicas: number };
        const status = {
          observedGeneration: deployment.generation,
          replicas,
          updatedReplicas: replicas,
          readyReplicas: replicas,
        };
        const metadata = { name: 'coredns', generation: deployment.generation };
        return await Promise.resolve({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata,
          spec: deployment.spec,
          status,
        });
      },
      list: async (what: { kind: string; labelSelector?: string }) => {
        cluster.onPoll();
        const wanted = what.labelSelector === 'tier=control-plane' ? 'tier' : 'dns';
        const found = cluster.pods.filter((one) => one.metadata.labels?.[wanted] !== undefined);
        const asObjects = nodes.map(({ name }) => ({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name },
          status: ready,
        }));
        return await Promise.resolve(what.kind === 'Node' ? asObjects : found);
      },
      patch: async (_: unknown, patch: { spec: { template: { spec: object } } }) => {
        cluster.patches.push(patch);
        const { containers } = (deployment.spec['template'] as { spec: { containers: unknown } }).spec;
        deployment.spec = { ...patch.spec, template: { spec: { containers, ...patch.spec.template.spec } } };
        deployment.generation++;
        const others = cluster.pods.filter((one) => one.metadata.labels?.['dns'] === undefined);
        cluster.pods.splice(0, cluster.pods.length, ...others, ...dns(cluster.homes));
        return await Promise.resolve({} as KubeObject);
      },
    } as unknown as ApiClient,
  };
  return cluster;
}

function clock(): Clock {
  let ms = 0;
  return {
    monotonicMs: () => ms,
    now: () => new Date(0),
    sleep: async (forMs) => {
      ms += forMs;
      await Promise.resolve();
    },
  };
}

async function settled(
  cluster: ReturnType<typeof fakeCluster>,
  coreDns: 'workers' | 'control-plane' = 'workers',
): Promise<string[]> {
  const notes: string[] = [];
  const emit = (event: { type: string; message?: string }): void => void notes.push(event.message ?? '');
  const { signal } = new AbortController();
  await settle({ api: cluster.api, nodes, coreDns, clock: clock(), signal, emit });
  return notes;
}

test('CoreDNS is moved to the workers, one on each, spread within its own rollout', async () => {
  const cluster = fakeCluster();
  await settled(cluster);
  expect(cluster.patches).toEqual([
    {
      spec: {
        replicas: 2,
        template: {
          spec: expect.objectContaining({
            topologySpreadConstraints: [
              expect.objectContaining({
                maxSkew: 1,
                whenUnsatisfiable: 'DoNotSchedule',
                matchLabelKeys: ['pod-template-hash'],
              }),
            ],
          }),
        },
      },
    },
  ]);
});

test('a settled cluster is left alone', async () => {
  const cluster = fakeCluster();
  await settled(cluster);
  expect(await settled(cluster)).toEqual([]);
  expect(cluster.patches).toHaveLength(1);
});

test('CoreDNS comes back to the control plane when it is wanted there', async () => {
  const cluster = fakeCluster();
  await settled(cluster);
  cluster.homes = ['cp', 'cp'];
  await settled(cluster, 'control-plane');
  expect(cluster.patches).toHaveLength(2);
});

test.each([
  ['two pods on one worker', ['w1', 'w1'], 'not exactly one ready pod on w1'],
  ['a pod on the control plane', ['w1', 'cp'], 'CoreDNS runs on cp'],
  ['no pod at all', [], 'no ready pod'],
])('%s is not settled, and the error says so', async (_, homes, problem) => {
  const cluster = fakeCluster();
  cluster.homes = homes;
  await expect(settled(cluster)).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining(problem) });
});

test('a missing mirror pod is waited for, and the wait is told once', async () => {
  const cluster = fakeCluster();
  const [mirror] = cluster.pods.splice(1, 1);
  let polls = 0;
  cluster.onPoll = () => {
    if (++polls === 30 && mirror) cluster.pods.push(mirror);
  };
  expect(await settled(cluster)).toEqual(['waiting: the mirror pod kube-apiserver-cp is missing or does not run']);
});
