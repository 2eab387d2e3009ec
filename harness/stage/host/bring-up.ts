import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { systemClock as clock } from '../../core/clock.ts';
import { poll } from '../../core/poll.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { KubeObject, Resource, StageClient } from '../client/types.ts';
import type { ClusterPlan } from './plan.ts';

/** A cluster that takes longer is broken. */
const coreDnsReplicas = 2;
const patience = { intervalMs: 50, timeoutMs: 60_000 };

const resourceOf: Readonly<Record<string, Resource>> = {
  CustomResourceDefinition: { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' },
  Namespace: resources.namespaces,
  ClusterRole: resources.clusterRoles,
  ClusterRoleBinding: resources.clusterRoleBindings,
  ServiceAccount: resources.serviceAccounts,
  ConfigMap: resources.configMaps,
  Service: resources.services,
  Deployment: resources.deployments,
};

/** What a new cluster has beside its static pods, in the order in which it is written. */
export function addOns({ dnsAddress }: Pick<ClusterPlan, 'dnsAddress'>): readonly KubeObject[] {
  const files = ['../podchaos/crd.yaml', 'add-ons.yaml'];
  const texts = files.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'));
  const documents = texts.flatMap((text) => parseAllDocuments(text.replace('${DNS_ADDRESS}', dnsAddress)));
  return documents.map((document) => document.toJS() as KubeObject);
}

/** Waits until the API server says that it is ready. Throws `timeout`. */
export async function apiReady(client: StageClient, signal: AbortSignal): Promise<void> {
  await until('the API to be ready', signal, async () => {
    const { status, body } = await client.raw('GET', '/readyz');
    return status === 200 ? undefined : `/readyz: HTTP ${status} ${body}`;
  });
}

/** One after the other: what is missing is waited for by what comes later. Throws `timeout`. */
export async function postAddOns(plan: ClusterPlan, client: StageClient, signal: AbortSignal): Promise<void> {
  for (const object of addOns(plan)) {
    await until(`${object.kind} ${object.metadata.name} to be accepted`, signal, async () => {
      // The answer to an earlier try may have been lost.
      await client.create(resourceOf[object.kind] ?? resources.configMaps, object).catch((problem: unknown) => {
        if (!hasCode(problem, 409)) throw problem;
      });
      return undefined;
    });
  }
}

/** Waits until every node is Ready and CoreDNS rolled out. Throws `timeout`. */
export async function clusterReady(plan: ClusterPlan, client: StageClient, signal: AbortSignal): Promise<void> {
  await until('the nodes and CoreDNS to be ready', signal, async () => {
    const { items } = await client.list(resources.nodes);
    const waiting = plan.nodes.find(({ name }) => !items.some((node) => node.metadata.name === name && isReady(node)));
    if (waiting) return `node ${waiting.name} is not Ready`;
    const coreDns = await client.get(resources.deployments, 'kube-system', 'coredns');
    const { readyReplicas = 0 } = (coreDns?.['status'] ?? {}) as { readyReplicas?: number };
    return readyReplicas === coreDnsReplicas ? undefined : `CoreDNS: ${readyReplicas} of ${coreDnsReplicas} ready`;
  });
}

/** Tries until nothing is wrong. */
async function until(what: string, signal: AbortSignal, attempt: () => Promise<string | undefined>): Promise<void> {
  const tryOnce = async (): Promise<true> => {
    const problem = await attempt();
    if (problem !== undefined) throw new Error(problem);
    return true;
  };
  await poll(tryOnce, { ...patience, clock, what, signal });
}

function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
