import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFakeApi, type FakeApi } from '../client/fake-api.ts';
import { eventually } from './testing/cluster.ts';

let api: FakeApi;
let folder: string;
let program: ChildProcess;

beforeEach(async () => {
  api = await startFakeApi();
  folder = mkdtempSync(join(tmpdir(), 'blackstart-controllers-'));
  const kubeconfig = join(folder, 'controller-manager.conf');
  const config = {
    'current-context': 'it',
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    clusters: [{ name: 'it', cluster: { server: api.client.server } }],
    users: [{ name: 'it', user: {} }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const argv = [main, '--kubeconfig', kubeconfig, '--data', folder, '--leader-elect=true'];
  program = spawn(process.execPath, argv, { stdio: ['pipe', 'ignore', 'pipe'] });
});

afterEach(async () => {
  if (program.exitCode === null && program.signalCode === null) {
    program.kill('SIGKILL');
    await once(program, 'exit');
  }
  await api.stop();
  rmSync(folder, { recursive: true });
});

async function works(): Promise<void> {
  api.store.create('v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } });
  await eventually(() => expect(api.store.list('v1/configmaps')).toHaveLength(1));
}

test('it works until its starter is gone', async () => {
  await works();
  program.stdin?.end();
  expect(await once(program, 'exit')).toEqual([0, null]);
});

test('it ends on SIGTERM', async () => {
  await works();
  program.kill('SIGTERM');
  expect(await once(program, 'exit')).toEqual([0, null]);
});
