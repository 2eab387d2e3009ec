import { isDeepStrictEqual } from 'node:util';
import { BlackstartError } from '../core/errors.ts';
import type { ApiClient, KubeObject, ObjectRef } from './client.ts';
import type { ClusterSpec } from './cluster.ts';
import { isReady, nodeOf } from './pod-status.ts';

export type CoreDnsPlacement = ClusterSpec['coreDns'];

const coreDnsDeployment: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'kube-system',
  name: 'coredns',
};

interface DeploymentSpec {
  readonly replicas?: number;
  readonly template: { readonly spec: PodPlacement & { readonly containers: readonly { readonly image: string }[] } };
}

interface PodPlacement {
  readonly affinity?: { readonly nodeAffinity?: unknown };
  readonly topologySpreadConstraints?: unknown;
}

interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
}

/** The image of CoreDNS, as its Deployment names it. */
export async function coreDnsImage(api: ApiClient): Promise<string> {
  const image = deploymentSpec(await coreDns(api)).template.spec.containers[0]?.image;
  if (image === undefined) throw new BlackstartError('cluster', 'The Deployment kube-system/coredns has no container');
  return image;
}

/** Tells the Deployment where CoreDNS is to run, if it does not say so already. */
export async function placeCoreDns(api: ApiClient, placement: CoreDnsPlacement, workers: number): Promise<void> {
  const spec = deploymentSpec(await coreDns(api));
  const wanted = placementOf(placement, workers);
  const { affinity, topologySpreadConstraints = null } = spec.template.spec;
  const has = { replicas: spec.replicas, nodeAffinity: affinity?.nodeAffinity, topologySpreadConstraints };
  if (isDeepStrictEqual(has, wanted)) return;
  const { replicas, nodeAffinity, topologySpreadConstraints: spread } = wanted;
  await api.patch(coreDnsDeployment, {
    spec: { replicas, template: { spec: { affinity: { nodeAffinity }, topologySpreadConstraints: spread } } },
  });
}

/** What keeps CoreDNS from being where it is wanted and ready; undefined when all is well. */
export async function coreDnsProblem(
  api: ApiClient,
  placement: CoreDnsPlacement,
  nodes: readonly { readonly name: string; readonly role: string }[],
): Promise<string | undefined> {
  const deployment = await coreDns(api);
  const {
    observedGeneration = 0,
    replicas,
    updatedReplicas,
    readyReplicas,
  } = (deployment.status ?? {}) as DeploymentStatus;
  const wanted = deploymentSpec(deployment).replicas;
  const { generation } = deployment.metadata as { readonly generation?: number };
  if (observedGeneration !== generation || ![replicas, updatedReplicas, readyReplicas].every((n) => n === wanted)) {
    return `CoreDNS rolls out: ${readyReplicas ?? 0} of ${wanted ?? 0} ready, ${updatedReplicas ?? 0} updated`;
  }
  const pods = await api.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    labelSelector: 'k8s-app=kube-dns',
  });
  const ready = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod)).map(nodeOf);
  return misplaced(placement, nodes, ready);
}

function misplaced(
  placement: CoreDnsPlacement,
  nodes: readonly { readonly name: string; readonly role: string }[],
  ready: readonly string[],
): string | undefined {
  const allowed = nodes
    .filter((node) => (node.role === 'worker') === (placement === 'workers'))
    .map(({ name }) => name);
  const stray = ready.find((name) => !allowed.includes(name));
  if (stray !== undefined) return `CoreDNS runs on ${stray}`;
  if (ready.length === 0) return 'CoreDNS has no ready pod';
  if (placement === 'control-plane') return undefined;
  const uneven = allowed.find((name) => ready.filter((other) => other === name).length !== 1);
  return uneven === undefined ? undefined : `CoreDNS has not exactly one ready pod on ${uneven}`;
}

/** Exactly one on each worker, or kubeadm's usual two on the control plane. */
function placementOf(
  placement: CoreDnsPlacement,
  workers: number,
): { readonly replicas: number; readonly nodeAffinity: unknown; readonly topologySpreadConstraints: unknown } {
  const onWorkers = placement === 'workers';
  const operator = onWorkers ? 'DoesNotExist' : 'Exists';
  const role = { key: 'node-role.kubernetes.io/control-plane', operator };
  return {
    replicas: onWorkers ? workers : 2,
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [role] }] },
    },
    topologySpreadConstraints: onWorkers
      ? [
          {
            labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            // Pods of the old ReplicaSet do not count, or a rollout could not put the new ones where those are.
            matchLabelKeys: ['pod-template-hash'],
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'DoNotSchedule',
          },
        ]
      : null,
  };
}

async function coreDns(api: ApiClient): Promise<KubeObject> {
  const deployment = await api.get(coreDnsDeployment);
  if (!deployment) throw new BlackstartError('cluster', 'The cluster has no Deployment kube-system/coredns');
  return deployment;
}

function deploymentSpec(deployment: KubeObject): DeploymentSpec {
  return deployment.spec as unknown as DeploymentSpec;
}
