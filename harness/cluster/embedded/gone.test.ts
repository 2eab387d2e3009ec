import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { run } from '../../core/command.ts';
import { identify } from '../../undo/process-identity.ts';
import { deleteCommand } from './create-cluster.ts';
import { embeddedBackend } from './embedded-backend.ts';
import { stateFolder, type StateFolder } from './state-folder.ts';

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'bs-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

/** The folder of a cluster whose host started then, if it says so at all. */
function make(root: string, name: string, startTicks: string | undefined, ageMinutes = 16): StateFolder {
  const folder = stateFolder(root, name);
  mkdirSync(folder.path);
  const host = { pid: process.pid, startTicks, name, subnet: 16 };
  if (startTicks !== undefined) writeFileSync(join(folder.path, 'host.json'), JSON.stringify(host));
  age(folder, ageMinutes);
  return folder;
}

function age(folder: StateFolder, ageMinutes: number): void {
  const time = new Date(Date.now() - ageMinutes * 60_000);
  utimesSync(folder.path, time, time);
}

async function goneIn(root: string): Promise<readonly string[]> {
  const gone = await embeddedBackend({ clock: systemClock, stateFolder: root }).gone();
  return gone.map(({ name }) => name).toSorted();
}

test('a cluster is gone when its host does not run and nothing changed for a quarter of an hour', async () => {
  const root = makeRoot();
  make(root, 'blackstart-up', identify(process.pid)?.started);
  make(root, 'blackstart-killed', '1');
  make(root, 'blackstart-ended', undefined);
  make(root, 'blackstart-new', undefined, 14);
  expect(await goneIn(root)).toEqual(['blackstart-ended', 'blackstart-killed']);
});

test('a cluster whose host has no process here is not gone while its socket is listened on, and not deleted', async () => {
  const root = makeRoot();
  const folder = make(root, 'blackstart-elsewhere', '1');
  const server = createServer().listen(folder.hostSocket);
  await once(server, 'listening');
  age(folder, 16);
  expect(await goneIn(root)).toEqual([]);
  await expect(run(deleteCommand(folder))).rejects.toThrow('in use by a host that has no process here');
  // As a host that is killed leaves it: a socket that nobody listens on.
  renameSync(folder.hostSocket, `${folder.hostSocket}.kept`);
  await new Promise((resolve) => server.close(resolve));
  renameSync(`${folder.hostSocket}.kept`, folder.hostSocket);
  age(folder, 16);
  expect(await goneIn(root)).toEqual(['blackstart-elsewhere']);
  await run(deleteCommand(folder));
  expect(existsSync(folder.path)).toBe(false);
});

test("another user's cluster is never gone: what is in its folder cannot be read", async () => {
  const root = makeRoot();
  make(root, 'blackstart-theirs', undefined);
  expect(await goneIn(root)).toEqual(['blackstart-theirs']);
  const { uid } = statSync(root);
  const getuid = vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
  onTestFinished(() => getuid.mockRestore());
  expect(await goneIn(root)).toEqual([]);
});
