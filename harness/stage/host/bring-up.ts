import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { KubeObject, Resource, StageClient } from '../client/types.ts';
import { addOns } from './add-ons.ts';
import type { ClusterPlan } from './plan.ts';

export interface BringUpOptions {
  readonly plan: ClusterPlan;
  /** As somebody whom API Priority and Fairness lets through. */
  readonly client: StageClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const intervalMs = 100;
/** A cluster that takes longer is broken. */
const timeoutMs = 60_000;

const resourceOf: Readonly<Record<string, Resource>> = {
  CustomResourceDefinition: { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' },
  Namespace: resources.namespaces,
  ServiceAccount: resources.serviceAccounts,
  ConfigMap: resources.configMaps,
  Service: resources.services,
  Deployment: resources.deployments,
};

/** Waits until the API server says that it is ready. Throws `timeout`. */
export async function apiReady(options: BringUpOptions): Promise<void> {
  await until('the API to be ready', options, async () => {
    const { status, body } = await options.client.raw('GET', '/readyz');
    if (status !== 200) throw new Error(`/readyz: HTTP ${status} ${body}`);
  });
}

/** Posts the add-ons, and waits until every node is Ready and CoreDNS rolled out. Throws `timeout`. */
export async function clusterReady(options: BringUpOptions): Promise<void> {
  const { plan, client } = options;
  for (const object of addOns(plan)) {
    const what = `${object.kind} ${object.metadata.name} to be accepted`;
    await until(what, options, async () => await createOnce(client, object));
  }
  await until('the nodes and CoreDNS to be ready', options, async () => {
    const problem = (await nodeProblem(client, plan)) ?? (await coreDnsProblem(client));
    if (problem !== undefined) throw new Error(problem);
  });
}

async function until(what: string, { clock, signal }: BringUpOptions, attempt: () => Promise<void>): Promise<void> {
  await poll(async () => await attempt().then(() => true), { clock, intervalMs, timeoutMs, what, signal });
}

/** The answer to an earlier try may have been lost. */
async function createOnce(client: StageClient, object: KubeObject): Promise<void> {
  const resource = resourceOf[object.kind];
  if (!resource) throw new Error(`no resource for kind ${object.kind}`);
  try {
    await client.create(resource, object);
  } catch (problem) {
    if (!hasCode(problem, 409)) throw new Error(messageOf(problem), { cause: problem });
  }
}

async function nodeProblem(client: StageClient, { nodes }: ClusterPlan): Promise<string | undefined> {
  const { items } = await client.list(resources.nodes);
  const missing = nodes.find(({ name }) => !items.some((node) => node.metadata.name === name && isReady(node)));
  return missing && `node ${missing.name} is not Ready`;
}

async function coreDnsProblem(client: StageClient): Promise<string | undefined> {
  const deployment = await client.get(resources.deployments, 'kube-system', 'coredns');
  const { replicas = 1 } = (deployment?.['spec'] ?? {}) as { replicas?: number };
  const status = (deployment?.['status'] ?? {}) as {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
  };
  const { readyReplicas = 0, observedGeneration } = status;
  const counts = [status.replicas, status.updatedReplicas, readyReplicas];
  const isDone = observedGeneration === deployment?.metadata.generation && counts.every((count) => count === replicas);
  return isDone ? undefined : `CoreDNS rolls out: ${readyReplicas} of ${replicas} ready`;
}

function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
