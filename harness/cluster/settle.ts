import type { Clock } from '../core/clock.ts';
import type { Emit, NodeInfo } from '../core/events.ts';
import { BlackstartError } from '../core/errors.ts';
import { poll } from '../core/poll.ts';
import type { ApiClient } from './client.ts';
import { coreDnsProblem, placeCoreDns, type CoreDnsPlacement } from './core-dns-placement.ts';
import { isReady } from './pod-status.ts';

export interface SettleOptions {
  readonly api: ApiClient;
  readonly nodes: readonly NodeInfo[];
  readonly coreDns: CoreDnsPlacement;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told what is waited for, each time that changes. */
  readonly emit: Emit;
  /** The static pods that a control-plane node must have. Default: those of kubeadm. */
  readonly staticPods?: readonly string[];
}

/** A mirror pod that was deleted comes back with the kubelet's next sync: up to 91 s were seen. */
const timeoutMs = 150_000;

/** The static pods of a control-plane node made by kubeadm. */
const kubeadmStaticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/**
 * Waits until the cluster is as a run needs it: every node Ready, every control-plane static pod has its mirror pod
 * (Chaos Mesh selects by it), CoreDNS where it is wanted and ready. When all is well it costs five quick calls.
 */
export async function settle(options: SettleOptions): Promise<void> {
  const { api, nodes, coreDns, clock, signal, emit } = options;
  const workers = nodes.filter((node) => node.role === 'worker').length;
  if (coreDns === 'workers' && workers === 0) {
    throw new BlackstartError('usage', 'CoreDNS cannot run on the workers of a cluster that has none');
  }
  let told = '';
  await poll(
    async () => {
      await placeCoreDns(api, coreDns, workers);
      const problem = await firstProblem(options);
      if (problem === undefined) return true;
      if (problem !== told) emit({ type: 'note', message: `waiting: ${problem}` });
      told = problem;
      throw new BlackstartError('cluster', problem);
    },
    { clock, signal, intervalMs: 250, timeoutMs, what: 'the cluster to settle' },
  );
}

async function firstProblem({
  api,
  nodes,
  coreDns,
  staticPods = kubeadmStaticPods,
}: SettleOptions): Promise<string | undefined> {
  return (
    (await nodeProblem(api, nodes)) ??
    (await mirrorPodProblem(api, nodes, staticPods)) ??
    (await coreDnsProblem(api, coreDns, nodes))
  );
}

async function nodeProblem(api: ApiClient, nodes: readonly NodeInfo[]): Promise<string | undefined> {
  const ready = new Set(
    (await api.list({ apiVersion: 'v1', kind: 'Node' })).filter(isReady).map((one) => one.metadata.name),
  );
  const missing = nodes.find((node) => !ready.has(node.name));
  return missing && `node ${missing.name} is not Ready`;
}

async function mirrorPodProblem(
  api: ApiClient,
  nodes: readonly NodeInfo[],
  staticPods: readonly string[],
): Promise<string | undefined> {
  const pods = await api.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    labelSelector: 'tier=control-plane',
  });
  const there = new Set(
    pods
      .filter((pod) => pod.metadata.deletionTimestamp === undefined && pod.status?.['phase'] === 'Running')
      .map((pod) => pod.metadata.name),
  );
  const missing = nodes
    .filter((node) => node.role === 'control-plane')
    .flatMap((node) => staticPods.map((pod) => `${pod}-${node.name}`))
    .find((name) => !there.has(name));
  return missing && `the mirror pod ${missing} is missing or does not run`;
}
