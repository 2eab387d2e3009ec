import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Volume } from './pod.ts';
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

/** An API of config maps and secrets whose tokens are numbered. */
function volumesOf(...volumes: Volume[]): Volumes {
  const metadata = { namespace: 'shop', name: 'web', uid: 'u-1' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [], volumes } };
  let tokens = 0;
  return new Volumes(
    join(folder, 'volumes'),
    { pod, podIp: '', hostIp: '' },
    {
      get: async ({ plural }, namespace, name) => {
        const found = data[`${namespace}/${name}`];
        if (!found) return undefined;
        const encode = ([key, value]: [string, string]): [string, string] => [
          key,
          plural === 'secrets' ? Buffer.from(value).toString('base64') : value,
        ];
        const encoded = Object.fromEntries(Object.entries(found).map(encode));
        return { apiVersion: 'v1', kind: 'X', metadata: { name }, data: encoded };
      },
      raw: async (_, path) => {
        tokens += 1;
        const token = `token-${tokens} of ${path}`;
        return { status: 201, body: JSON.stringify({ status: { token } }) };
      },
    },
  );
}

/** The real path of one mount. */
function realPath(volumes: Volumes, name: string): string {
  const [found] = volumes.mountsOf({ name: 'main', image: '', volumeMounts: [{ name, mountPath: '/m' }] });
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

test('a later write takes over what changed', async () => {
  const volumes = volumesOf({ name: 'files', configMap: { name: 'files' } });
  await volumes.write();
  data['shop/files'] = { 'main.ts': 'two', 'new.ts': 'new' };
  await volumes.write();
  expect(contents(realPath(volumes, 'files'))).toEqual({ 'main.ts': 'two', 'new.ts': 'new' });
});

test('an empty folder keeps what a program writes', async () => {
  const volumes = volumesOf({ name: 'scratch', emptyDir: {} });
  await volumes.write();
  writeFileSync(join(realPath(volumes, 'scratch'), 'x'), 'mine');
  await volumes.write();
  expect(contents(realPath(volumes, 'scratch'))).toEqual({ x: 'mine' });
});

const token = (number: number): string => `token-${number} of /api/v1/namespaces/shop/serviceaccounts/default/token`;

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
  expect(contents(realPath(volumes, 'api'))).toEqual({ token: token(1), 'ca.crt': 'CA', namespace: 'shop' });
});

test('a token that has lived four fifths of its life is renewed', async () => {
  const volumes = volumesOf({
    name: 'api',
    projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 0 } }] },
  });
  await volumes.write();
  await volumes.write();
  expect(contents(realPath(volumes, 'api'))).toEqual({ token: token(2) });
});

describe('refused is', () => {
  test.each([
    [{ name: 'v', configMap: { name: 'none' } }, 'configmap "none" not found'],
    [{ name: 'v', secret: { secretName: 'none' } }, 'secret "none" not found'],
    [{ name: 'v', configMap: { name: 'files', items: [{ key: 'x', path: 'x' }] } }, 'has no key "x"'],
    [{ name: 'v', configMap: { name: 'files', items: [{ key: 'main.ts', path: '../../x' }] } }, 'leaves its folder'],
    [{ name: '../v', emptyDir: {} }, 'leaves its folder'],
    [{ name: 'v', hostPath: { path: '/' } }, 'of a kind that this stage does not have'],
  ] as [Volume, string][])('%j', async (volume, message) => {
    await expect(volumesOf(volume).write()).rejects.toThrow(message);
  });

  test('a part of a volume', () => {
    const volumeMounts = [{ name: 'v', mountPath: '/m', subPath: 'a' }];
    expect(() => volumesOf().mountsOf({ name: 'main', image: '', volumeMounts })).toThrow('this stage has no subPath');
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
