import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { ensureCredentials } from './credentials.ts';
import { fakeRun } from './fake-run.ts';
import { kindBackend } from './kind-backend.ts';
import { readDaemon, stateFolder } from './state-folder.ts';

/** Old folders of clusters by name, with the daemon that each says it is on; gives those that are not there, and the doubts. */
async function goneOf(
  daemons: Readonly<Record<string, string | undefined>>,
  docker: Parameters<typeof fakeRun>[0],
): Promise<readonly unknown[]> {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-gone-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, daemon] of Object.entries(daemons)) {
    const folder = stateFolder(root, name);
    mkdirSync(folder.path);
    if (daemon !== undefined) writeFileSync(folder.daemon, daemon);
    utimesSync(folder.path, 0, 0);
  }
  const backend = kindBackend({ stateFolder: root, run: fakeRun(docker).run, clock: systemClock });
  return (await backend.gone()).map(({ name, doubt }) => [name, doubt]);
}

test('a cluster is gone when the daemon that had it does not know it', async () => {
  const docker = { 'docker ps': 'blackstart-up\n', 'docker info': 'HERE\n' };
  expect(await goneOf({ 'blackstart-up': 'HERE', 'blackstart-gone': 'HERE' }, docker)).toEqual([
    ['blackstart-gone', undefined],
  ]);
});

test('where the daemon is another one, or nobody wrote down which it was, it may live: that is told', async () => {
  const docker = { 'docker ps': '', 'docker info': 'HERE\n' };
  expect(await goneOf({ 'blackstart-there': 'THERE', 'blackstart-old': undefined }, docker)).toEqual([
    ['blackstart-old', expect.stringContaining('made on an unknown Docker daemon; if that is gone: rm -r /')],
    ['blackstart-there', expect.stringContaining('made on another Docker daemon, THERE; if that is gone: rm -r /')],
  ]);
});

test.each(['', { exitCode: 1, stderr: 'no answer' }])(
  'a daemon that does not say who it is proves nothing',
  async (info) => {
    expect(await goneOf({ 'blackstart-a': 'HERE', 'blackstart-old': undefined }, { 'docker info': info })).toEqual([
      ['blackstart-a', 'the Docker daemon does not tell its ID'],
      ['blackstart-old', 'the Docker daemon does not tell its ID'],
    ]);
  },
);

test('a folder for a cluster that was made earlier says where it is, too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-gone-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = stateFolder(root, 'blackstart-a');
  const kubeconfig = "clusters: [{name: k, cluster: {server: 'https://inside:6443'}}]";
  const { run } = fakeRun({
    'docker info': 'HERE\n',
    'kind export kubeconfig': () => {
      writeFileSync(folder.admin, kubeconfig);
      return '';
    },
    'docker exec': kubeconfig,
  });
  await ensureCredentials('blackstart-a', 'blackstart-a-control-plane', folder, run);
  expect(readDaemon(folder)).toBe('HERE');
});
