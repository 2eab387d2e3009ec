import { expect, it } from 'vitest';
import { podChaosManifest } from './manifest.ts';

const names = { runId: '7f3a', step: 'kill-dns' };
const pods = [
  { namespace: 'kube-system', name: 'coredns-a' },
  { namespace: 'kube-system', name: 'coredns-b' },
  { namespace: 'other', name: 'x' },
];

it('writes the chosen pods by name, so that Chaos Mesh throws no dice of its own', () => {
  expect(podChaosManifest({ action: 'pod-kill', containerNames: [], duration: null }, pods, names)).toEqual({
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'PodChaos',
    metadata: {
      name: 'blackstart-7f3a-kill-dns',
      namespace: 'chaos-mesh',
      labels: { 'app.kubernetes.io/managed-by': 'blackstart', 'blackstart/run': '7f3a' },
    },
    spec: {
      action: 'pod-kill',
      mode: 'all',
      selector: { pods: { 'kube-system': ['coredns-a', 'coredns-b'], other: ['x'] } },
    },
  });
});

it('names the containers of a container-kill', () => {
  const { spec } = podChaosManifest({ action: 'container-kill', containerNames: ['a'], duration: null }, pods, names);
  expect(spec).toMatchObject({ containerNames: ['a'] });
});

it('gives pod-failure its duration', () => {
  const { spec } = podChaosManifest({ action: 'pod-failure', containerNames: [], duration: '20s' }, pods, names);
  expect(spec).toMatchObject({ duration: '20s' });
});
