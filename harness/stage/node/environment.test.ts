import { describe, expect, test } from 'vitest';
import { containerEnv, expand } from './environment.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Container, EnvVar } from './pod.ts';
import { fakeLookup } from './testing/fake-lookup.ts';
import { samplePod } from './testing/sample-pod.ts';

const lookup = fakeLookup({ 'shop/settings': { COLOR: 'red', SIZE: 'xl' }, 'shop/keys': { password: 'hunter2' } });

async function envOf(env: EnvVar[], more: Partial<Container> = {}): Promise<Record<string, string>> {
  const pod = samplePod({ env, ...more });
  const facts: PodFacts = { pod, podIp: '127.9.1.2', hostIp: '127.9.0.1', allocatable: { cpu: '2', memory: '1Gi' } };
  const [container] = pod.spec.containers;
  return await containerEnv(container ?? { name: '', image: '' }, facts, lookup, { PATH: '/bin' });
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

  test('a value may use what stands before it, and what the node gives, but nothing after it', async () => {
    const env = [
      { name: 'A', value: '$(PATH):$(B)' },
      { name: 'B', value: '$(A)' },
    ];
    expect(await envOf(env)).toMatchObject({ A: '/bin:$(B)', B: '/bin:$(B)' });
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
])('field %s is %s', async (fieldPath, expected) => {
  expect(await envOf([{ name: 'X', valueFrom: { fieldRef: { fieldPath } } }])).toMatchObject({ X: expected });
});

test.each([
  ['limits.memory', '1Mi', '64'],
  ['requests.cpu', '1m', '250'],
  ['requests.cpu', undefined, '1'],
  ['limits.cpu', undefined, '2'],
  ['requests.memory', undefined, '0'],
])('resource %s in units of %s is %s; a missing limit is what the node has', async (resource, divisor, expected) => {
  const ref = { resource, ...(divisor !== undefined && { divisor }) };
  const resources = { limits: { memory: '64Mi' }, requests: { cpu: '250m' } };
  const env = await envOf([{ name: 'X', valueFrom: { resourceFieldRef: ref } }], { resources });
  expect(env['X']).toBe(expected);
});

test('keys of config maps and secrets, one by one and all at once with a prefix; own variables win', async () => {
  const env = await envOf(
    [
      { name: 'C', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
      { name: 'P', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
      { name: 'S_SIZE', value: 'own' },
    ],
    { envFrom: [{ prefix: 'S_', configMapRef: { name: 'settings' } }] },
  );
  expect(env).toMatchObject({ C: 'red', P: 'hunter2', S_COLOR: 'red', S_SIZE: 'own' });
});

test('what is optional may be missing', async () => {
  const env = await envOf(
    [{ name: 'C', valueFrom: { configMapKeyRef: { name: 'none', key: 'COLOR', optional: true } } }],
    { envFrom: [{ secretRef: { name: 'none', optional: true } }] },
  );
  expect(env).toEqual({ PATH: '/bin' });
});

test.each([
  [{ configMapKeyRef: { name: 'none', key: 'a' } }, 'configmap "none" not found'],
  [{ secretKeyRef: { name: 'keys', key: 'a' } }, 'key a of secret "keys" not found'],
  [{ fieldRef: { fieldPath: 'spec.secret' } }, 'cannot read'],
])('%j cannot be given', async (valueFrom, message) => {
  const problem = await envOf([{ name: 'X', valueFrom }]).catch((thrown: unknown) => thrown);
  expect(problem).toMatchObject({ reason: 'CreateContainerConfigError' });
  expect(String(problem)).toContain(message);
});
