/**
 * A program of its own: `credentials.ts PLAN`, the plan as JSON. It writes the PKI and all kubeconfigs of a cluster and ends,
 * so that the host need not keep the memory of the certificate library for as long as the cluster lives.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientCertificate, createPki, kubeconfig } from '../pki/pki.ts';
import type { ClusterPlan } from './plan.ts';

const plan = JSON.parse(process.argv[2] ?? '') as ClusterPlan;
const { name, dataDir, nodes, server, kubernetesAddress } = plan;

const ca = await createPki(join(dataDir, 'pki'), {
  apiAddress: nodes[0].address,
  serviceAddress: kubernetesAddress,
  names: [nodes[0].name],
});
const nodeConfigs = nodes.map((node): [string, string, string[]] => [
  join('nodes', node.name, 'kubelet.conf'),
  `system:node:${node.name}`,
  ['system:nodes'],
]);
// kubeadm gives kube-proxy a service account.
const proxyGroups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system'];
const configs: readonly (readonly [file: string, user: string, groups: readonly string[]])[] = [
  ['admin.conf', 'kubernetes-admin', ['kubeadm:cluster-admins']],
  ['super-admin.conf', 'kubernetes-super-admin', ['system:masters']],
  ['controller-manager.conf', 'system:kube-controller-manager', []],
  ['kube-proxy.conf', 'system:serviceaccount:kube-system:kube-proxy', proxyGroups],
  ...nodeConfigs,
];
await Promise.all(
  configs.map(async ([file, user, groups]) => {
    const { cert, key } = await clientCertificate(ca, { user, groups });
    const path = join(dataDir, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, kubeconfig({ server, ca: ca.cert, cert, key, name }), { mode: 0o600 });
  }),
);
