import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { withRaisedLimits } from './raised-limits.ts';

interface Manifest {
  readonly metadata: object;
  readonly spec: {
    readonly hostNetwork: boolean;
    readonly containers: readonly { readonly command: readonly string[] }[];
  };
}

const manifest = (...flags: readonly string[]): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-apiserver', labels: { component: 'kube-apiserver' } },
    spec: { hostNetwork: true, containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', ...flags] }] },
  });

const raised = (text: string): Manifest => parse(withRaisedLimits(text, 10)) as Manifest;

it('multiplies the limits that the manifest names, and leaves everything else as it is', () => {
  const before = manifest('--max-requests-inflight=40', '--secure-port=6443', '--max-mutating-requests-inflight=20');
  const { metadata, spec } = raised(before);
  expect(spec.containers[0]?.command).toEqual([
    'kube-apiserver',
    '--secure-port=6443',
    '--max-requests-inflight=400',
    '--max-mutating-requests-inflight=200',
  ]);
  expect([metadata, spec.hostNetwork]).toEqual([(parse(before) as Manifest).metadata, true]);
});

it('multiplies the defaults of kube-apiserver where the manifest names none, as that of kubeadm', () => {
  expect(raised(manifest('--secure-port=6443')).spec.containers[0]?.command).toEqual([
    'kube-apiserver',
    '--secure-port=6443',
    '--max-requests-inflight=4000',
    '--max-mutating-requests-inflight=2000',
  ]);
});

it.each(['', 'kind: Pod', 'spec: { containers: [] }'])('refuses what is no manifest of an API server: %j', (text) => {
  expect(() => withRaisedLimits(text, 10)).toThrow('The manifest of kube-apiserver is not as kubeadm writes it');
});
