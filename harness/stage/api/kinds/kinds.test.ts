/** Shape, defaults and validation together, as every written object goes through them. */
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { withoutNulls } from '../json.ts';
import { builtIn } from '../resources.ts';
import { deployment, pod } from '../testing/objects.ts';
import { admitPod, withClusterIp } from './admit.ts';
import { applyDefaults, withInitialStatus } from './defaults.ts';
import { checkShape } from './shape.ts';
import { validate, validateChange } from './validate.ts';

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

test('fields of one name that have several types are fine in all of them', () => {
  const slice = { endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }] };
  const head = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'any' } };
  expect(problemsOf('endpointslices', { ...head, ...slice })).toBe('');
  expect(problemsOf('nodes', { ...head, status: { conditions: [{ type: 'Ready', status: 'True' }] } })).toBe('');
  expect(problemsOf('deployments', deployment('d', { strategy: { type: 'Recreate' } }))).toBe('');
  const versions = [{ name: 'v1', schema: { openAPIV3Schema: { properties: { name: { type: 'string' } } } } }];
  const names = { plural: 'anys', kind: 'Any' };
  const spec = { group: 'x.y', scope: 'Cluster', names, versions, conversion: { strategy: 'None' } };
  const definition = { ...head, metadata: { name: 'anys.x.y' }, spec };
  expect(problemsOf('customresourcedefinitions', definition)).toBe('');
});

test.each([
  [pod('p', { spec: { containers: 'x' } }), 'spec.containers must be a list of objects'],
  [pod('p', { spec: { containers: [5] } }), 'spec.containers must be a list of objects'],
  [pod('p', { spec: { volumes: [{ name: 'v', configMap: 'x' }] } }), 'spec.volumes[0].configMap must be an object'],
  [pod('p', { spec: { containers: [{ name: 5 }] } }), 'spec.containers[0].name must be a string'],
  [pod('p', { spec: { hostNetwork: 'yes' } }), 'spec.hostNetwork must be true or false'],
  [pod('p', { spec: { nodeSelector: { a: 1 } } }), 'spec.nodeSelector must be an object of strings'],
  [pod('p', { metadata: { labels: ['a'] } }), 'metadata.labels must be an object of strings'],
  [pod('p', { metadata: { ownerReferences: {} } }), 'metadata.ownerReferences must be a list of objects'],
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
  const given = pod('p', {
    spec: {
      dnsPolicy: 'Default',
      hostNetwork: true,
      containers: [{ name: 'a', image: 'x:latest', ports }],
    },
  });
  const spec = applyDefaults(builtIn('pods'), given)['spec'] as Record<string, unknown>;
  expect(spec).toMatchObject({ dnsPolicy: 'Default', restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
  expect(spec['containers']).toMatchObject([
    {
      ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
    },
  ]);
});

test('defaults of an object that has them change nothing', () => {
  const type = builtIn('deployments');
  const once = applyDefaults(type, deployment('d'));
  expect(applyDefaults(type, once)).toEqual(once);
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

test('who creates an object does not say its status', () => {
  const object = { ...deployment('d'), status: { replicas: 5 } };
  expect(withInitialStatus(builtIn('deployments'), object, '2026-01-01T00:00:00Z')['status']).toEqual({});
  const created = withInitialStatus(
    builtIn('pods'),
    { ...pod('p'), status: { phase: 'Running' } },
    '2026-01-01T00:00:00Z',
  );
  expect(created['status']).toEqual({ phase: 'Pending' });
});

const change = (plural: string, before: KubeObject, after: KubeObject) => () =>
  validateChange(builtIn(plural), before, after);

test('selectors and pods cannot be changed, images can', () => {
  const other = deployment('d', { selector: { matchLabels: { app: 'other' } } });
  expect(change('deployments', deployment('d'), other)).toThrow('spec.selector: Invalid value: field is immutable');
  expect(change('pods', pod('p'), pod('p', { spec: { nodeName: 'n' } }))).toThrow(
    'spec: Invalid value: field is immutable',
  );
  const image = pod('p', { spec: { containers: [{ name: 'main', image: 'pause' }] } });
  expect(change('pods', pod('p'), image)).not.toThrow();
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
    expect.objectContaining({ code: 403, message: expect.stringContaining('service account default/me: not found') }),
  );
});

const prefix = '127.16.200.';

function stored(uid: string, spec: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: uid, uid }, spec: { type: 'ClusterIP', ...spec } };
}

const address = (one: KubeObject): unknown => (one['spec'] as { clusterIP?: string }).clusterIP;

test('addresses that nobody asked for begin at 20', () => {
  expect(address(withClusterIp(prefix, stored('a'), []))).toBe('127.16.200.20');
  expect(address(withClusterIp(prefix, stored('b'), [stored('a', { clusterIP: '127.16.200.20' })]))).toBe(
    '127.16.200.21',
  );
});

test('an address can be asked for when it is free and in the range', () => {
  expect(withClusterIp(prefix, stored('dns', { clusterIP: '127.16.200.10' }), [])['spec']).toMatchObject({
    clusterIP: '127.16.200.10',
    clusterIPs: ['127.16.200.10'],
  });
  const taken = [stored('dns', { clusterIP: '127.16.200.10' })];
  const ask = (clusterIP: string) => () => withClusterIp(prefix, stored('x', { clusterIP }), taken);
  expect(ask('127.16.200.10')).toThrow('provided IP is already allocated');
  for (const wrong of ['127.16.201.1', '127.16.200.0', '127.16.200.255', 'nonsense', '10']) {
    expect(ask(wrong)).toThrow('not in the valid range');
  }
});

test('a service keeps its own address; headless ones have none', () => {
  const own = stored('a', { clusterIP: '127.16.200.20' });
  expect(address(withClusterIp(prefix, own, [own]))).toBe('127.16.200.20');
  expect(address(withClusterIp(prefix, stored('h', { clusterIP: 'None' }), [stored('g', { clusterIP: 'None' })]))).toBe(
    'None',
  );
});

test('a range without a free address says so', () => {
  const all = Array.from({ length: 255 }, (_, last) => stored(`s${last}`, { clusterIP: `${prefix}${last}` }));
  expect(() => withClusterIp(prefix, stored('x'), all)).toThrow('range is full');
});
