/**
 * A program of its own: `credentials.ts PLAN`, the plan as JSON. It writes the PKI and all kubeconfigs of a cluster and
 * ends, so that the host need not keep the memory of the certificate library for as long as the cluster lives.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientCertificate, createPki, kubeconfig } from '../pki/pki.ts';
import type { ClusterPlan } from './plan.ts';

const { name, dataDir, nodes, server, kubernetesAddress } = JSON.parse(process.argv[2] ?? '') as ClusterPlan;
const [{ address: apiAddress, name: apiName }] = nodes;
const folder = join(dataDir, 'pki');
const ca = await createPki(folder, { apiAddress, serviceAddress: kubernetesAddress, names: [apiName] });
const configs: readonly (readonly [file: string, user: string, ...groups: string[]])[] = [
  ['admin.conf', 'kubernetes-admin', 'kubeadm:cluster-admins'],
  ['super-admin.conf', 'kubernetes-super-admin', 'system:masters'],
  ['controller-manager.conf', 'system:kube-controller-manager'],
  // kubeadm gives kube-proxy a service account.
  [
    'kube-proxy.conf',
    'system:serviceaccount:kube-system:kube-proxy',
    'system:serviceaccounts',
    'system:serviceaccounts:kube-system',
  ],
  ...nodes.map((node) => [`nodes/${node.name}/kubelet.conf`, `system:node:${node.name}`, 'system:nodes'] as const),
];
await Promise.all(
  configs.map(async ([file, user, ...groups]) => {
    const { cert, key } = await clientCertificate(ca, { user, groups });
    const path = join(dataDir, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, kubeconfig({ server, ca: ca.cert, cert, key, name }), { mode: 0o600 });
  }),
);
