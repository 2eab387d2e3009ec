import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BlackstartError } from '../../core/errors.ts';
import { fromFile } from './file.ts';
import type { PodChaosRequest } from './request.ts';

function read(text: string): PodChaosRequest {
  return fromFile({ path: 'kill.yaml', document: parse(text) as unknown });
}

function problems(text: string): string {
  try {
    read(text);
  } catch (problem) {
    if (problem instanceof BlackstartError && problem.code === 'invalid-experiment') return problem.message;
    throw problem;
  }
  return 'none';
}

const head = 'apiVersion: chaos-mesh.org/v1alpha1\nkind: PodChaos\nmetadata: { name: x, namespace: mine }\n';

const withDuration = (action: string): string =>
  `${head}spec: { action: ${action}, mode: one, duration: 30s, selector: { labelSelectors: { a: b } } }`;

describe("a PodChaos file of the user's own", () => {
  it('becomes the same request as a typed spec', () => {
    const text = `${head}spec:
  action: container-kill
  mode: one
  containerNames: [kube-apiserver]
  selector:
    namespaces: [kube-system]
    labelSelectors: { component: kube-apiserver }`;
    expect(read(text)).toEqual({
      action: 'container-kill',
      mode: { kind: 'one' },
      selector: { kind: 'labels', namespaces: ['kube-system'], labels: { component: 'kube-apiserver' } },
      containerNames: ['kube-apiserver'],
      duration: null,
    });
  });

  it.each([
    ['fixed', '2', { kind: 'fixed', count: 2 }],
    ['fixed-percent', '"50"', { kind: 'fixed-percent', percent: 50 }],
    ['all', '', { kind: 'all' }],
  ])('may use mode %s', (mode, value, expected) => {
    const text = `${head}spec: { action: pod-kill, mode: ${mode}, value: ${value || 'null'}, selector: { pods: { a: [b, c] } } }`;
    const request = read(text);
    expect(request.mode).toEqual(expected);
    expect(request.selector).toEqual({ kind: 'names', pods: { a: ['b', 'c'] } });
  });

  it('means its own namespace when it names none, as in Chaos Mesh', () => {
    const { selector } = read(`${head}spec: { action: pod-kill, mode: one, selector: { labelSelectors: { a: b } } }`);
    expect(selector).toMatchObject({ namespaces: ['mine'] });
  });

  it('keeps the duration of pod-failure and drops it where Chaos Mesh ignores it', () => {
    expect(read(withDuration('pod-failure')).duration).toBe('30s');
    expect(read(withDuration('pod-kill')).duration).toBeNull();
  });

  it('is refused with all its problems at once', () => {
    const text = `apiVersion: chaos-mesh.org/v1
kind: NetworkChaos
spec:
  action: pod-freeze
  mode: random-max-percent
  duration: soon
  gracePeriod: 5
  remoteCluster: other
  selector:
    labelSelectors: { a: 1 }
    expressionSelectors: []
    nodes: [n]`;
    expect(
      problems(text)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'kill.yaml is no PodChaos that can be run:',
      'apiVersion must be chaos-mesh.org/v1alpha1; got "chaos-mesh.org/v1"',
      'kind must be PodChaos; got "NetworkChaos"',
      'spec.action must be one of pod-kill, pod-failure, container-kill; got "pod-freeze"',
      'spec.mode must be one of one, all, fixed, fixed-percent; got "random-max-percent"',
      'spec.selector.expressionSelectors is not supported',
      'spec.selector.nodes is not supported',
      'spec.selector.labelSelectors.a must be a text; got 1',
      'spec.selector.namespaces is missing',
      `spec.duration must be a duration such as '30s'; got "soon"`,
      'spec.gracePeriod other than 0 is not supported',
      'spec.remoteCluster is not supported',
    ]);
  });

  it.each([
    ['no object', '- 1', 'it is no object'],
    ['no spec', head, 'spec is missing'],
    ['no selector', `${head}spec: { action: pod-kill, mode: one }`, 'spec.selector is missing'],
    [
      'no containers to kill',
      `${head}spec: { action: container-kill, mode: one, selector: { labelSelectors: { a: b } } }`,
      'container-kill needs it',
    ],
    [
      'containers for a pod action',
      `${head}spec: { action: pod-kill, mode: one, containerNames: [a], selector: { labelSelectors: { a: b } } }`,
      'is not for pod-kill',
    ],
    [
      'names and labels',
      `${head}spec: { action: pod-kill, mode: one, selector: { labelSelectors: { a: b }, pods: { a: [b] } } }`,
      'would ignore the labels',
    ],
    [
      'a share above 100',
      `${head}spec: { action: pod-kill, mode: fixed-percent, value: "120", selector: { labelSelectors: { a: b } } }`,
      'from 1 to 100',
    ],
    [
      'no labels at all',
      `${head}spec: { action: pod-kill, mode: all, selector: { namespaces: [kube-system] } }`,
      'every pod of the namespace',
    ],
  ])('is refused with %s', (_what, text, expected) => {
    expect(problems(text)).toContain(expected);
  });
});
