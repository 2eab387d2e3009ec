import { expect, test } from 'vitest';
import { rewritePaths, serviceAccountEnv } from './mounts.ts';

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
