import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Volume, VolumeMount } from './pod.ts';
import { fakeLookup } from './testing/fake-lookup.ts';
import { samplePod } from './testing/sample-pod.ts';
import { Volumes } from './volumes.ts';

let folder: string;
let data: Record<string, Record<string, string>>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-volumes-'));
  data = {
    'shop/files': { 'main.ts': 'one', 'package.json': '{}' },
    'shop/keys': { password: 'hunter2' },
    'shop/kube-root-ca.crt': { 'ca.crt': 'CA' },
  };
});

afterEach(() => rmSync(folder, { recursive: true }));

function volumesOf(...volumes: Volume[]): Volumes {
  const facts = { pod: samplePod({}, { volumes }), podIp: '127.9.1.2', hostIp: '127.9.0.1', allocatable: {} };
  return new Volumes(folder, facts, fakeLookup(data));
}

/** The real path of one mount. */
function realPath(volumes: Volumes, name: string, mount: Partial<VolumeMount> = {}): string {
  const [found] = volumes.mountsOf({ name: 'main', image: '', volumeMounts: [{ name, mountPath: '/m', ...mount }] });
  return found?.realPath ?? '';
}

function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(path.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}

test('a config map is a folder of its keys; with items only of these, under their paths', async () => {
  const volumes = volumesOf(
    { name: 'all', configMap: { name: 'files' } },
    { name: 'some', configMap: { name: 'files', items: [{ key: 'main.ts', path: 'src/app.ts' }] } },
    { name: 'keys', secret: { secretName: 'keys' } },
  );
  await volumes.write();
  expect(contents(realPath(volumes, 'all'))).toEqual({ 'main.ts': 'one', 'package.json': '{}' });
  expect(contents(realPath(volumes, 'some'))).toEqual({ 'src/app.ts': 'one' });
  expect(contents(realPath(volumes, 'keys'))).toEqual({ password: 'hunter2' });
});

test('a later write takes over what changed; a part that was mounted alone stays as it was', async () => {
  const volumes = volumesOf({ name: 'files', configMap: { name: 'files' } });
  await volumes.write();
  const part = realPath(volumes, 'files', { subPath: 'main.ts' });
  data['shop/files'] = { 'main.ts': 'two', 'new.ts': 'new' };
  await volumes.write();
  expect(contents(realPath(volumes, 'files'))).toEqual({ 'main.ts': 'two', 'new.ts': 'new' });
  expect(readFileSync(part, 'utf8')).toBe('one');
  expect(realPath(volumes, 'files', { subPath: 'main.ts' })).toBe(part);
});

test('an empty folder keeps what a program writes, also in a part of it', async () => {
  const volumes = volumesOf({ name: 'scratch', emptyDir: {} });
  await volumes.write();
  const part = realPath(volumes, 'scratch', { subPath: 'a' });
  writeFileSync(join(part, 'x'), 'mine');
  await volumes.write();
  expect(contents(realPath(volumes, 'scratch'))).toEqual({ 'a/x': 'mine' });
  expect(volumes.canChange).toBe(false);
});

test('a service account: token, certificate and namespace; the token stays until it must be renewed', async () => {
  const volumes = volumesOf({
    name: 'api',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3_607 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  });
  await volumes.write();
  await volumes.write();
  expect(contents(realPath(volumes, 'api'))).toEqual({ token: 'token-1', 'ca.crt': 'CA', namespace: 'shop' });
  expect(volumes.canChange).toBe(true);
});

test('a token that has lived four fifths of its life is renewed', async () => {
  const volumes = volumesOf({
    name: 'api',
    projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 0 } }] },
  });
  await volumes.write();
  await volumes.write();
  expect(contents(realPath(volumes, 'api'))).toEqual({ token: 'token-2' });
});

test('labels as files', async () => {
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
  const volumes = volumesOf({ name: 'info', downwardAPI: { items } });
  await volumes.write();
  expect(contents(realPath(volumes, 'info'))).toEqual({ labels: 'app="web"' });
});

test('a folder of the host is mounted as it is', async () => {
  const host = join(folder, 'host');
  mkdirSync(host);
  const volumes = volumesOf({ name: 'host', hostPath: { path: host } });
  await volumes.write();
  expect(realPath(volumes, 'host')).toBe(host);
});

describe('refused is', () => {
  test.each([
    [{ name: 'v', configMap: { name: 'none' } }, 'configmap "none" not found'],
    [{ name: 'v', secret: { secretName: 'none' } }, 'secret "none" not found'],
    [{ name: 'v', configMap: { name: 'files', items: [{ key: 'x', path: 'x' }] } }, 'has no key "x"'],
    [{ name: 'v', configMap: { name: 'files', items: [{ key: 'main.ts', path: '../../x' }] } }, 'leaves its folder'],
    [{ name: '../v', emptyDir: {} }, 'leaves its folder'],
    [{ name: 'v' }, 'of a kind that this stage does not have'],
  ] as [Volume, string][])('%j', async (volume, message) => {
    await expect(volumesOf(volume).write()).rejects.toThrow(message);
  });
});

test('what is optional may be missing', async () => {
  const items = [{ key: 'x', path: 'x' }];
  const volumes = volumesOf(
    { name: 'a', configMap: { name: 'none', optional: true } },
    { name: 'b', configMap: { name: 'files', items, optional: true } },
  );
  await volumes.write();
  expect(contents(realPath(volumes, 'a'))).toEqual({});
  expect(contents(realPath(volumes, 'b'))).toEqual({});
});
