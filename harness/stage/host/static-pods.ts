import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../client/types.ts';
import type { ClusterPlan } from './plan.ts';

/** The Kubernetes that the stage stands for. */
const version = 'v1.34.0';

/** Writes the manifests of the control plane's static pods. JSON is YAML, too. */
export function writeStaticPods(plan: ClusterPlan): void {
  const folder = join(plan.nodes[0].folder, 'manifests');
  mkdirSync(folder, { recursive: true });
  for (const pod of [apiServer(plan), controllerManager(plan)]) {
    writeFileSync(join(folder, `${pod.metadata.name}.yaml`), `${JSON.stringify(pod, null, 2)}\n`, { mode: 0o600 });
  }
}

/** Flags and probes as kubeadm's, without its startup probe. */
export function apiServer({ dataDir, nodes, serviceRange, apiFlags }: ClusterPlan): KubeObject {
  const { address } = nodes[0];
  const flags = {
    '--advertise-address': address,
    '--secure-port': '6443',
    '--service-cluster-ip-range': serviceRange,
    '--data-dir': dataDir,
    '--max-requests-inflight': '400',
    '--max-mutating-requests-inflight': '200',
    ...Object.fromEntries(apiFlags.map((flag) => split(flag))),
  };
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { host: address, path, port: 6443, scheme: 'HTTPS' },
    periodSeconds,
    timeoutSeconds: 15,
    failureThreshold,
  });
  return staticPod('kube-apiserver', {
    command: ['kube-apiserver', ...Object.entries(flags).map(([name, value]) => `${name}=${value}`)],
    livenessProbe: { ...probe('/livez', 10, 8), initialDelaySeconds: 10 },
    readinessProbe: probe('/readyz', 1, 3),
    resources: { requests: { cpu: '250m' } },
  });
}

function controllerManager({ dataDir }: ClusterPlan): KubeObject {
  const flags = [`--kubeconfig=${join(dataDir, 'controller-manager.conf')}`, `--data=${dataDir}`];
  return staticPod('kube-controller-manager', {
    command: ['kube-controller-manager', ...flags],
    resources: { requests: { cpu: '200m' } },
  });
}

function staticPod(name: string, container: Readonly<Record<string, unknown>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system', labels: { component: name, tier: 'control-plane' } },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      containers: [
        { name, image: `registry.k8s.io/${name}:${version}`, imagePullPolicy: 'IfNotPresent', ...container },
      ],
    },
  };
}

function split(flag: string): readonly [string, string] {
  const [name = '', ...rest] = flag.split('=');
  return [name, rest.length === 0 ? 'true' : rest.join('=')];
}
