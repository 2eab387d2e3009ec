import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../core/clock.ts';
import type { Emit } from '../../core/events.ts';
import type { Change } from '../../undo/change.ts';
import { settledFolders, type GoneCluster } from '../gone-clusters.ts';
import { createCluster } from './create-cluster.ts';
import { fakeRun } from './fake-run.ts';
import { readDaemon, stateFolder, type StateFolder } from './state-folder.ts';

const kubeconfig = (server: string): string => `clusters: [{name: k, cluster: {server: '${server}'}}]\nusers: []\n`;

let root: string;
let folder: StateFolder;
let abort: AbortController;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'blackstart-create-'));
  folder = stateFolder(join(root, 'state'), 'blackstart-a');
  abort = new AbortController();
});
afterEach(() => rmSync(root, { recursive: true }));

function clock(): Clock {
  let ms = 0;
  return {
    monotonicMs: () => ms,
    now: () => new Date(0),
    sleep: async (forMs) => {
      ms += forMs;
      await Promise.resolve();
    },
  };
}

function change(
  replies: Parameters<typeof fakeRun>[0],
  name = 'blackstart-a',
): { change: Change; calls: readonly string[]; notes: readonly string[] } {
  const { run, calls } = fakeRun(replies);
  const notes: string[] = [];
  const spec = { name, workers: 2, coreDns: 'workers', nodePorts: [9500] } as const;
  const emit: Emit = (event) => event.type === 'note' && notes.push(event.message);
  const context = { emit, signal: abort.signal, runFolder: root };
  return { change: createCluster({ spec, context, nodeImage: 'image:1', folder, run, clock: clock() }), calls, notes };
}

/** What kind and the node do when all goes well. */
const working = {
  'kind create cluster': () => {
    writeFileSync(folder.admin, kubeconfig('https://127.0.0.1:4711'));
    return '';
  },
  'docker exec blackstart-a-control-plane cat /etc/kubernetes/super-admin.conf': kubeconfig('https://inside:6443'),
};

test('a name that is not ours is refused before anything happens', () => {
  expect(() => change({}, 'production')).toThrow(expect.objectContaining({ code: 'foreign-cluster' }));
});

test('a cluster that is there already is refused in the snapshot, before an undo that deletes it is written down', async () => {
  const { change: create } = change({ 'docker ps': 'abc\n' });
  await expect(create.snapshot()).rejects.toMatchObject({ code: 'usage' });
});

test('every call of kind names our own kubeconfig, so the one of the user is never touched', async () => {
  const { change: create, calls } = change(working);
  await create.apply();
  const kind = calls.filter((call) => call.startsWith('kind '));
  expect(kind).toEqual([expect.stringContaining('kind create cluster --name blackstart-a')]);
  expect(kind[0]).toContain(`--image image:1 --kubeconfig ${folder.admin} --retain`);
  expect(create.undo.argv).toEqual([
    'kind',
    'delete',
    'cluster',
    '--name',
    'blackstart-a',
    '--kubeconfig',
    folder.admin,
  ]);
});

test('of what kind says, the steps that begin become notes', async () => {
  const says = [
    'Creating cluster "blackstart-a" ...',
    ' • Preparing nodes 📦 📦 📦  ...',
    ' ✓ Preparing nodes 📦 📦 📦 ',
    ' • Starting control-plane 🕹️  ...',
    '',
    'Have a nice day! 👋',
  ];
  const { change: create, notes } = change({
    ...working,
    'kind create cluster': () => {
      working['kind create cluster']();
      return says.join('\n');
    },
  });
  await create.apply();
  expect(notes).toEqual(['kind: Preparing nodes 📦 📦 📦', 'kind: Starting control-plane 🕹️']);
});

test('after creation the node carries our mark, and both credentials are private', async () => {
  const { change: create, calls } = change(working);
  await create.apply();
  expect(calls.find((call) => call.includes('/etc/blackstart/cluster.json'))).toContain('"name":"blackstart-a"');
  expect(readFileSync(folder.breakGlass, 'utf8')).toContain('https://127.0.0.1:4711');
  const modes = [folder.path, folder.admin, folder.breakGlass].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600, 0o600]);
});

test('which Docker daemon has the cluster is written down before there is anything of it', async () => {
  let written: string | undefined;
  const { change: create } = change({
    ...working,
    'docker info': 'ABCD:EFGH\n',
    'kind create cluster': () => {
      written = readDaemon(folder);
      return working['kind create cluster']();
    },
  });
  await create.apply();
  expect(written).toBe('ABCD:EFGH');
});

test('what a former cluster of the same name left does not make the new one look gone, nor is it used', async () => {
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(folder.breakGlass, kubeconfig('https://127.0.0.1:1'));
  utimesSync(folder.path, 0, 0);
  let gone: readonly GoneCluster[] = [];
  const { change: create } = change({
    ...working,
    'kind create cluster': () => {
      gone = settledFolders(join(root, 'state'), Date.now());
      return working['kind create cluster']();
    },
  });
  await create.apply();
  expect(gone).toEqual([]);
  expect(readFileSync(folder.breakGlass, 'utf8')).toContain('https://127.0.0.1:4711');
});

test('when bring-up fails the node logs are kept and the error tells the reason', async () => {
  const { change: create } = change({
    'kind create cluster': { exitCode: 1, stderr: ' ✗ Starting control-plane\nERROR: failed to init node\nmain.go:12' },
    'docker ps': 'abc\n',
    'kind export logs': ([, , , path = '']) => {
      mkdirSync(path);
      return { exitCode: 1, stderr: 'some logs are missing' };
    },
  });
  const problem = await create.apply().catch((thrown: unknown) => thrown);
  expect(problem).toMatchObject({ code: 'cluster', hint: expect.stringContaining(join(root, 'node-logs')) });
  expect((problem as Error).message).toContain('ERROR: failed to init node');
});

test('when there is not even a node, no logs are promised', async () => {
  const { change: create, calls } = change({
    'kind create cluster': { exitCode: 1, stderr: 'ERROR: pull access denied' },
  });
  await expect(create.apply()).rejects.toMatchObject({ hint: expect.stringContaining('doctor') });
  expect(calls.some((call) => call.startsWith('kind export'))).toBe(false);
});

test('an interrupted creation waits for the last docker run and the last container, so that the deletion misses none', async () => {
  let polls = 0;
  const { change: create, calls } = change({
    'kind create cluster': () => {
      abort.abort();
      return { exitCode: 143, stderr: '' };
    },
    pgrep: () => (polls < 20 ? '4711\n' : { exitCode: 1, stderr: '' }),
    'docker ps': () => (++polls < 23 ? '' : 'abc\n'),
  });
  await expect(create.apply()).rejects.toMatchObject({ code: 'command-failed' });
  // It is there at the 23rd poll; then come 11 more, until 3 s have passed without another one.
  expect(calls.filter((call) => call.startsWith('docker ps'))).toHaveLength(34);
});

test('verify removes the state folder when no container is left', async () => {
  const { change: create } = change(working);
  await create.apply();
  expect(await create.verify()).toEqual([]);
  expect(existsSync(folder.path)).toBe(false);
});

test('a container that is left is a leftover with the command that deletes the cluster', async () => {
  const { change: create } = change({ 'docker ps': 'abc\n' });
  expect(await create.verify()).toEqual([
    { what: 'cluster blackstart-a: container abc', command: expect.stringContaining('kind delete cluster') },
  ]);
});
