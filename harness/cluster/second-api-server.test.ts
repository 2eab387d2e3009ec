import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { secondApiServerManifest } from './second-api-server.ts';

/** As kubeadm 1.34 writes it, shortened. */
const first = `
apiVersion: v1
kind: Pod
metadata:
  annotations: { kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: '172.18.0.2:6443' }
  labels: { component: kube-apiserver, tier: control-plane }
  name: kube-apiserver
  namespace: kube-system
spec:
  hostNetwork: true
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.4
      command: [kube-apiserver, --advertise-address=172.18.0.2, --secure-port=6443, --etcd-servers=https://127.0.0.1:2379]
      livenessProbe: { httpGet: { host: 172.18.0.2, path: /livez, port: probe-port, scheme: HTTPS } }
      readinessProbe: { httpGet: { host: 172.18.0.2, path: /readyz, port: 6443, scheme: HTTPS } }
      ports: [{ containerPort: 6443, name: probe-port, protocol: TCP }]
`;

interface Manifest {
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly spec: { readonly hostNetwork: boolean; readonly containers: readonly Record<string, unknown>[] };
}

it('has a name, a container name and a label of its own, so that no selector of the first finds it', () => {
  const { metadata, spec } = parse(secondApiServerManifest(first)) as Manifest;
  expect([metadata.name, spec.containers[0]?.['name'], metadata.labels]).toEqual([
    'kube-apiserver-second',
    'kube-apiserver-second',
    { component: 'kube-apiserver-second', tier: 'control-plane' },
  ]);
});

it('listens on a port of its own, probes and all, and registers nowhere', () => {
  const { spec } = parse(secondApiServerManifest(first)) as Manifest;
  const [container] = spec.containers;
  expect(container?.['command']).toEqual([
    'kube-apiserver',
    '--advertise-address=172.18.0.2',
    '--etcd-servers=https://127.0.0.1:2379',
    '--secure-port=7443',
    '--endpoint-reconciler-type=none',
  ]);
  expect(container?.['readinessProbe']).toMatchObject({ httpGet: { port: 7443 } });
  expect(container?.['ports']).toMatchObject([{ containerPort: 7443, name: 'probe-port' }]);
  expect(container?.['image']).toBe('registry.k8s.io/kube-apiserver:v1.34.4');
});

it('is refused where there is no API server to copy', () => {
  expect(() => secondApiServerManifest('kind: Pod')).toThrow('not as kubeadm writes it');
});
