import { describe, expect, test } from 'vitest';
import { containerEnv, expand, rewritePaths, serviceAccountEnv } from './environment.ts';
import type { Container } from './pod.ts';

const metadata = {
  namespace: 'shop',
  name: 'web-1',
  uid: 'u-1',
  labels: { app: 'web' },
  annotations: { 'example.com/team': 'blue' },
};

function envOf(env: NonNullable<Container['env']>): Record<string, string> {
  const container = { name: 'main', image: 'node:24', env };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'n1', containers: [container] } };
  return containerEnv(container, { pod, podIp: '127.9.1.2', hostIp: '127.9.0.1' }, { PATH: '/bin' });
}

describe('expansion', () => {
  test.each([
    ['$(A)', 'x'],
    ['-$(A)/$(B)-', '-x/y-'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$x'],
    ['$A ${A} $(A', '$A ${A} $(A'],
    ['100$', '100$'],
  ])('%s becomes %s', (text, expected) => {
    expect(expand(text, { A: 'x', B: 'y' })).toBe(expected);
  });

  test('a value may use what stands before it, and what the node gives, but nothing after it', () => {
    const env = [
      { name: 'A', value: '$(PATH):$(B)' },
      { name: 'B', value: '$(A)' },
    ];
    expect(envOf(env)).toMatchObject({ A: '/bin:$(B)', B: '/bin:$(B)' });
  });
});

test.each([
  ['metadata.name', 'web-1'],
  ['metadata.namespace', 'shop'],
  ['metadata.uid', 'u-1'],
  [`metadata.labels['app']`, 'web'],
  [`metadata.labels['none']`, ''],
  [`metadata.annotations['example.com/team']`, 'blue'],
  ['spec.nodeName', 'n1'],
  ['spec.serviceAccountName', 'default'],
  ['status.podIP', '127.9.1.2'],
  ['status.hostIP', '127.9.0.1'],
])('field %s is %s', (fieldPath, expected) => {
  expect(envOf([{ name: 'X', valueFrom: { fieldRef: { fieldPath } } }])).toMatchObject({ X: expected });
});

test.each([{ configMapKeyRef: { name: 'none', key: 'a' } }, { fieldRef: { fieldPath: 'spec.secret' } }])(
  '%j cannot be given',
  (valueFrom) => {
    expect(() => envOf([{ name: 'X', valueFrom }])).toThrow(
      `env X: this stage cannot read ${JSON.stringify(valueFrom)}`,
    );
  },
);

const mounts = [
  { mountPath: '/app', realPath: '/data/files' },
  { mountPath: '/app/config/', realPath: '/data/config' },
  { mountPath: '/etc/a+b', realPath: '/data/odd' },
  { mountPath: '/', realPath: '/nowhere' },
];

test.each([
  ['/app/main.ts', '/data/files/main.ts'],
  ['/app', '/data/files'],
  ['/app/', '/data/files/'],
  ['/app/config/x', '/data/config/x'],
  ['/app/configs', '/data/files/configs'],
  ['--file=/app/x', '--file=/data/files/x'],
  ['/app/a:/app/config:/usr', '/data/files/a:/data/config:/usr'],
  [`require('/app/x')`, `require('/data/files/x')`],
  ['/etc/a+b/c', '/data/odd/c'],
])('%s is really %s', (text, expected) => {
  expect(rewritePaths(text, mounts)).toBe(expected);
});

test.each(['/application', 'app/main.ts', 'http://host/app', '/srv/app', '/etc/aab', '/', ''])('%s stays', (text) => {
  expect(rewritePaths(text, mounts)).toBe(text);
});

test('without mounts everything stays', () => {
  expect(rewritePaths('/app', [])).toBe('/app');
});

test('the folder of the service account is told where it is mounted at its usual place', () => {
  const mount = { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', realPath: '/data/token' };
  expect(serviceAccountEnv([...mounts, mount])).toEqual({ BLACKSTART_SERVICE_ACCOUNT: '/data/token' });
  expect(serviceAccountEnv(mounts)).toEqual({});
});
