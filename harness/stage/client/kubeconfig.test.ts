import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readKubeconfig } from './kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(config: unknown): string {
  const file = join(folder, 'config');
  writeFileSync(file, stringify(config));
  return file;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('server and credentials are those of the current context', () => {
  const file = write({
    'current-context': 'two',
    contexts: [
      { name: 'one', context: { cluster: 'c1', user: 'u1' } },
      { name: 'two', context: { cluster: 'c2', user: 'u2' } },
    ],
    clusters: [
      { name: 'c1', cluster: { server: 'https://one' } },
      { name: 'c2', cluster: { server: 'https://two', 'certificate-authority-data': base64('CA') } },
    ],
    users: [
      { name: 'u1', user: { token: 'secret' } },
      { name: 'u2', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } },
    ],
  });
  expect(readKubeconfig(file)).toEqual({ server: 'https://two', ca: 'CA', cert: 'CERT', key: 'KEY' });
});

test('a context that leads nowhere is an error that names the file', () => {
  const file = write({ 'current-context': 'gone', contexts: [] });
  expect(() => readKubeconfig(file)).toThrow(`${file} has no usable current context`);
});
