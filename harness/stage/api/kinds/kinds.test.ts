/** Shape, defaults and validation together, as every written object goes through them. */
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { builtIn } from '../resources.ts';
import { deployment, pod } from '../testing/objects.ts';
import { admitPod } from './admit-pod.ts';
import { applyDefaults } from './defaults.ts';
import { checkShape, withoutNulls } from './shape.ts';
import { withInitialStatus } from './status.ts';
import { validate, validateChange } from './validate.ts';

const now = new Date('2026-01-01T00:00:00Z');

function problemsOf(plural: string, object: KubeObject): string {
  const type = builtIn(plural);
  try {
    checkShape(type, object);
    validate(type, applyDefaults(type, object));
    return '';
  } catch (problem) {
    return `${(problem as { code: number }).code} ${(problem as Error).message}`;
  }
}

function service(spec: object): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec };
}

test('a pod and a deployment as people write them are fine', () => {
  expect(problemsOf('pods', pod('p'))).toBe('');
  expect(problemsOf('deployments', deployment('d'))).toBe('');
});

test.each([
  [pod('p', { spec: { containers: 'x' } }), 'spec.containers must be a list'],
  [pod('p', { spec: { containers: [5] } }), 'spec.containers[0] must be an object'],
  [pod('p', { spec: { containers: [{ name: 5 }] } }), 'spec.containers[0].name must be a string'],
  [pod('p', { spec: { hostNetwork: 'yes' } }), 'spec.hostNetwork must be true or false'],
  [pod('p', { spec: { nodeSelector: { a: 1 } } }), 'spec.nodeSelector must be an object of strings'],
  [pod('p', { metadata: { labels: ['a'] } }), 'metadata.labels must be an object of strings'],
  [pod('p', { metadata: { ownerReferences: {} } }), 'metadata.ownerReferences must be a list'],
  [{ ...pod('p'), spec: [] as unknown }, 'spec must be an object'],
  [{ ...pod('p'), metadata: 'x' as unknown as KubeObject['metadata'] }, 'metadata must be an object'],
])('a field of the wrong type is 400 and named: %#', (object, problem) => {
  expect(problemsOf('pods', object)).toBe(
    `400 Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal: ${problem}`,
  );
});

test.each([
  ['pods', pod('Bad_Name'), 'metadata.name'],
  ['pods', pod('p', { spec: { containers: [] } }), 'spec.containers: Required value'],
  ['pods', pod('p', { spec: { containers: [{ name: 'a' }] } }), 'spec.containers[0].image: Required value'],
  ['pods', pod('p', { metadata: { labels: { 'a b': 'x' } } }), 'metadata.labels'],
  ['pods', pod('p', { metadata: { labels: { a: '-' } } }), 'metadata.labels'],
  ['deployments', deployment('d', { selector: {} }), 'spec.selector: Required value'],
  ['deployments', deployment('d', { selector: { matchLabels: { app: 'other' } } }), 'does not match template'],
  ['deployments', deployment('d', { replicas: -1 }), 'spec.replicas'],
  ['services', service({}), 'spec.ports: Required value'],
  ['services', service({ ports: [{ port: 0 }] }), 'spec.ports[0].port'],
  ['services', service({ ports: [{ port: 80 }, { port: 81 }] }), 'spec.ports[0].name: Required value'],
  [
    'services',
    service({ type: 'LoadBalancer', ports: [{ port: 80 }] }),
    'spec.type: Unsupported value: "LoadBalancer"',
  ],
])('%s that are no good are 422, with the field: %#', (plural, object, field) => {
  expect(problemsOf(plural, object)).toMatch(/^422 /);
  expect(problemsOf(plural, object)).toContain(field);
});

test('all problems are said at once', () => {
  const bad = pod('Bad', { spec: { containers: [{ name: '' }] } });
  expect(problemsOf('pods', bad)).toMatch(
    /is invalid: \[.*metadata.name.*containers\[0\].name.*containers\[0\].image.*\]/,
  );
});

test('defaults fill what is left out and touch nothing else', () => {
  const ports = [{ containerPort: 80 }];
  const probe = { httpGet: { port: 80 }, periodSeconds: 1 };
  const given = pod('p', {
    spec: {
      dnsPolicy: 'Default',
      hostNetwork: true,
      containers: [{ name: 'a', image: 'x:latest', ports, readinessProbe: probe }],
      volumes: [{ name: 'v' }, { name: 'c', configMap: { name: 'm' } }],
    },
  });
  const spec = applyDefaults(builtIn('pods'), given)['spec'] as Record<string, unknown>;
  expect(spec).toMatchObject({ dnsPolicy: 'Default', restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
  expect(spec['containers']).toMatchObject([
    {
      imagePullPolicy: 'Always',
      ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
      readinessProbe: { periodSeconds: 1, failureThreshold: 3, httpGet: { path: '/', scheme: 'HTTP', port: 80 } },
    },
  ]);
  expect(spec['volumes']).toEqual([
    { name: 'v', emptyDir: {} },
    { name: 'c', configMap: { name: 'm', defaultMode: 420 } },
  ]);
});

test('defaults of an object that has them change nothing', () => {
  const type = builtIn('deployments');
  const once = applyDefaults(type, deployment('d'));
  expect(applyDefaults(type, once)).toEqual(once);
});

test.each([
  ['node:24', 'IfNotPresent'],
  ['node', 'Always'],
  ['registry:5000/node', 'Always'],
  ['node@sha256:00', 'IfNotPresent'],
])('image %s is pulled: %s', (image, policy) => {
  const object = pod('p', { spec: { containers: [{ name: 'a', image }] } });
  expect(applyDefaults(builtIn('pods'), object)['spec']).toMatchObject({ containers: [{ imagePullPolicy: policy }] });
});

test('texts of a secret become its data', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { a: 'YQ==' },
    stringData: { b: 'b' },
  };
  expect(applyDefaults(builtIn('secrets'), secret)).toMatchObject({ data: { a: 'YQ==', b: 'Yg==' }, type: 'Opaque' });
});

test('null is the same as absent', () => {
  expect(withoutNulls({ a: null, b: [null, { c: null, d: {} }] })).toEqual({ b: [{ d: {} }] });
});

test.each([
  [{}, 'BestEffort'],
  [{ requests: { cpu: '1' } }, 'Burstable'],
  [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
  [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }, 'Burstable'],
])('the quality of service of %j is %s', (resources, qosClass) => {
  const object = pod('p', { spec: { containers: [{ name: 'a', image: 'x', resources }] } });
  expect(withInitialStatus(builtIn('pods'), object, now)['status']).toEqual({ phase: 'Pending', qosClass });
});

test('who creates an object does not say its status', () => {
  const object = { ...deployment('d'), status: { replicas: 5 } };
  expect(withInitialStatus(builtIn('deployments'), object, now)['status']).toEqual({});
});

const change = (plural: string, before: KubeObject, after: KubeObject) => () =>
  validateChange(builtIn(plural), before, after);
const at = (clusterIP: string): KubeObject => service({ type: 'ClusterIP', clusterIP });

test('selectors, pods and addresses cannot be changed, images can', () => {
  const other = deployment('d', { selector: { matchLabels: { app: 'other' } } });
  expect(change('deployments', deployment('d'), other)).toThrow('spec.selector: Invalid value: field is immutable');
  expect(change('pods', pod('p'), pod('p', { spec: { nodeName: 'n' } }))).toThrow('pod updates may not change fields');
  const image = pod('p', { spec: { containers: [{ name: 'main', image: 'pause' }] } });
  expect(change('pods', pod('p'), image)).not.toThrow();
  expect(change('services', at('10.0.0.1'), at('10.0.0.2'))).toThrow('spec.clusterIP');
});

test('an object that is being deleted gets no new finalizer', () => {
  const leaving = pod('p', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a'] } });
  const with2 = pod('p', { metadata: { finalizers: ['a', 'b'] } });
  expect(() => validateChange(builtIn('pods'), leaving, with2)).toThrow('no new finalizers');
});

const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

test('a pod gets its account, the token of it, and tolerations', () => {
  const admitted = admitPod(pod('p'), () => account);
  expect(admitted['spec']).toMatchObject({
    serviceAccountName: 'default',
    containers: [{ volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }] }],
    volumes: [
      { projected: { sources: [{ serviceAccountToken: {} }, { configMap: { name: 'kube-root-ca.crt' } }, {}] } },
    ],
    tolerations: [{ key: 'node.kubernetes.io/not-ready' }, { key: 'node.kubernetes.io/unreachable' }],
  });
});

test('no token for who does not want one, nothing at all for the shadow of a static pod', () => {
  const without = pod('p', { spec: { automountServiceAccountToken: false } });
  expect(admitPod(without, () => account)['spec']).not.toHaveProperty('volumes');
  const shadow = pod('p', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } });
  expect(admitPod(shadow, () => undefined)).toBe(shadow);
});

test('a pod of an account that is not there is refused', () => {
  expect(() => admitPod(pod('p', { spec: { serviceAccountName: 'me' } }), () => undefined)).toThrow(
    expect.objectContaining({ code: 403, message: expect.stringContaining('serviceaccount "me" not found') }),
  );
});
