import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../client/types.ts';
import type { ClusterPlan } from './plan.ts';

/** Writes the manifests of the control plane's static pods. JSON is YAML, too. */
export function writeStaticPods(plan: ClusterPlan): void {
  const folder = join(plan.nodes[0].folder, 'manifests');
  mkdirSync(folder, { recursive: true });
  const { dataDir } = plan;
  const flags = [`--kubeconfig=${join(dataDir, 'controller-manager.conf')}`, `--data=${dataDir}`];
  for (const pod of [apiServer(plan), staticPod('kube-controller-manager', flags, '200m')]) {
    writeFileSync(join(folder, `${pod.metadata.name}.yaml`), `${JSON.stringify(pod, null, 2)}\n`, { mode: 0o600 });
  }
}

/** Flags and probes as kubeadm's, without its startup probe. */
export function apiServer({ dataDir, nodes, serviceRange }: ClusterPlan): KubeObject {
  const { address } = nodes[0];
  const flags = [
    `--advertise-address=${address}`,
    '--secure-port=6443',
    `--service-cluster-ip-range=${serviceRange}`,
    `--data-dir=${dataDir}`,
    '--max-requests-inflight=400',
    '--max-mutating-requests-inflight=200',
  ];
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { host: address, path, port: 6443, scheme: 'HTTPS' },
    periodSeconds,
    timeoutSeconds: 15,
    failureThreshold,
  });
  return staticPod('kube-apiserver', flags, '250m', {
    livenessProbe: { ...probe('/livez', 10, 8), initialDelaySeconds: 10 },
    readinessProbe: probe('/readyz', 1, 3),
  });
}

function staticPod(name: string, flags: readonly string[], cpu: string, probes: object = {}): KubeObject {
  const container = {
    name,
    // The Kubernetes that the stage stands for.
    image: `registry.k8s.io/${name}:v1.34.0`,
    imagePullPolicy: 'IfNotPresent',
    command: [name, ...flags],
    resources: { requests: { cpu } },
    ...probes,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system', labels: { component: name, tier: 'control-plane' } },
    spec: { hostNetwork: true, priorityClassName: 'system-node-critical', containers: [container] },
  };
}
