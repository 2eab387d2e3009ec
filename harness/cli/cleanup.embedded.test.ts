import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Change } from '../undo/change.ts';
import { ownerOf } from '../undo/dead-containers.ts';
import { createUndoLog } from '../undo/undo-log.ts';
import { fakeMachine, type FakeMachine } from './fake-programs.ts';

/** Docker has the ID in `$ROOT/daemon` and knows the clusters in `$ROOT/clusters` and, by their label, the containers in `$ROOT/containers`; what is done is written down. */
const programs = {
  docker: `case "$*" in
    *dev.blackstart/managed=true*) cat "$ROOT/containers";;
    ps*) cat "$ROOT/clusters";;
    info*json*) echo '{"ServerVersion":"1"}';;
    info*) cat "$ROOT/daemon";;
    *) echo "docker $*" >>"$ROOT/done";;
  esac`,
  kind: `[ "$*" = version ] || echo "kind $*" >>"$ROOT/done"`,
  kubectl: '',
  helm: '',
};

function openMachine(...clusters: string[]): FakeMachine {
  const machine = fakeMachine(programs);
  onTestFinished(() => rmSync(machine.root, { recursive: true }));
  writeFileSync(join(machine.root, 'clusters'), clusters.map((name) => `${name}\n`).join(''));
  writeFileSync(join(machine.root, 'containers'), '');
  writeFileSync(join(machine.root, 'daemon'), 'HERE\n');
  return machine;
}

/** A run that died in its outage, in this cluster of this Docker daemon, and what we keep on disk about the cluster. */
function leaveBehind(
  { root, runs }: FakeMachine,
  cluster: string,
  needs: readonly Change['needs'][],
  location = 'HERE',
): void {
  mkdirSync(join(root, 'blackstart', 'clusters', cluster), { recursive: true });
  const folder = join(runs, 'x', cluster);
  mkdirSync(folder, { recursive: true });
  const owner = { pid: process.pid, started: 'another time' };
  const log = createUndoLog(join(folder, 'undo.jsonl'), {
    runId: 'r',
    owner,
    cluster: { backend: 'kind', name: cluster, ...(location !== '' && { location }) },
  });
  for (const one of needs) {
    const argv = [one === 'node' ? 'docker' : 'kind', 'undo', one, cluster];
    log.plan({ describe: one, needs: one, undo: { argv, timeoutMs: 5_000 } });
  }
  log.close();
}

interface Ended {
  readonly exitCode: unknown;
  readonly output: string;
}

async function cleanUp(machine: FakeMachine, ...options: readonly string[]): Promise<Ended> {
  return await call(machine, 'cleanup', ...options);
}

async function call({ start, runs }: FakeMachine, ...args: readonly string[]): Promise<Ended> {
  const { child, output } = start(...args, '--runs', runs);
  const [exitCode] = (await once(child, 'close')) as unknown[];
  return { exitCode, output: output() };
}

function done({ root }: FakeMachine): string[] {
  const path = join(root, 'done');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

const nothing = 'Nothing to clean up: nothing that died left anything.\n';

test('nothing is tried in a cluster that is gone: that is told, the next run is cleaned up, and it is done once', async () => {
  const machine = openMachine('blackstart-here', 'kind');
  leaveBehind(machine, 'blackstart-gone', ['host', 'api', 'node']);
  leaveBehind(machine, 'blackstart-here', ['node']);
  const { exitCode, output } = await cleanUp(machine);
  expect(exitCode, output).toBe(0);
  expect(output.split('\n')).toEqual([
    join(machine.runs, 'x', 'blackstart-gone'),
    '  void: node: blackstart-gone is gone',
    '  void: api: blackstart-gone is gone',
    '  undone: host: it is gone already',
    join(machine.runs, 'x', 'blackstart-here'),
    '  undone: node',
    '',
  ]);
  expect(done(machine)).toEqual(['docker undo node blackstart-here']);
  const kept = (name: string): boolean => existsSync(join(machine.root, 'blackstart', 'clusters', name));
  expect([kept('blackstart-gone'), kept('blackstart-here')]).toEqual([false, true]);
  expect(await cleanUp(machine)).toEqual({ exitCode: 0, output: nothing });
});

test('a cluster of a dead run is deleted, and what was in it goes with it', async () => {
  const machine = openMachine('blackstart-here');
  leaveBehind(machine, 'blackstart-here', ['host', 'node']);
  expect((await cleanUp(machine)).output).toContain('  undone: host\n  void: node: blackstart-here is gone\n');
  expect(done(machine)).toEqual(['kind undo host blackstart-here']);
  expect((await cleanUp(machine)).output).toBe(nothing);
});

test('a run whose cluster is on another Docker daemon is left alone, whatever is here, and stays to be done', async () => {
  const machine = openMachine('blackstart-same');
  leaveBehind(machine, 'blackstart-elsewhere', ['host', 'node'], 'THERE');
  leaveBehind(machine, 'blackstart-same', ['host'], 'THERE');
  const left = (name: string): string => {
    const folder = join(machine.runs, 'x', name);
    const undoLog = join(folder, 'undo.jsonl');
    return `${folder}\n  left alone: ${name} is on THERE, and here is HERE; if it is gone for good, remove ${undoLog}\n`;
  };
  const output = `${left('blackstart-elsewhere')}${left('blackstart-same')}`;
  expect(await cleanUp(machine)).toEqual({ exitCode: 4, output });
  expect(await cleanUp(machine, '--list')).toEqual({ exitCode: 0, output });
  expect(done(machine)).toEqual([]);
  expect(existsSync(join(machine.root, 'blackstart', 'clusters', 'blackstart-elsewhere'))).toBe(true);
  rmSync(join(machine.root, 'daemon'));
  expect(await cleanUp(machine)).toMatchObject({
    exitCode: 4,
    output: expect.stringContaining('cannot be told where'),
  });
  writeFileSync(join(machine.root, 'daemon'), 'THERE');
  expect(await cleanUp(machine)).toMatchObject({ exitCode: 0 });
  expect(done(machine)).toEqual(['kind undo host blackstart-same']);
});

test('a log of before the daemon was written down is believed about a cluster that is here, not about one that is not', async () => {
  const machine = openMachine('blackstart-here');
  leaveBehind(machine, 'blackstart-here', ['node'], '');
  leaveBehind(machine, 'blackstart-unknown', ['node'], '');
  const { exitCode, output } = await cleanUp(machine);
  expect([exitCode, done(machine)]).toEqual([4, ['docker undo node blackstart-here']]);
  expect(output).toContain('  left alone: blackstart-unknown is not here, and nobody wrote down where it was; ');
});

test('run --cluster refuses a cluster in which a run that died left something, and says what to do', async () => {
  const machine = openMachine();
  leaveBehind(machine, 'blackstart-left', ['api', 'node']);
  leaveBehind(machine, 'blackstart-same', ['node'], 'THERE');
  const runOn = async (name: string, ...args: readonly string[]): Promise<Ended> =>
    await call(machine, 'run', ...args, '--backend', 'kind', '--cluster', name);
  // An experiment, and a study of small clusters.
  for (const args of [['dns-cache-expiry'], ['scale-sweep', '--set', 'start=5', 'most=10', 'podsPerNode=1']]) {
    expect(await runOn('blackstart-left', ...args)).toEqual({
      exitCode: 64,
      output: [
        `Error: A run that died left 2 changes in 'blackstart-left' that are not undone: ${join(machine.runs, 'x', 'blackstart-left')}`,
        `Hint:  Undo them first: npm run -s blackstart -- cleanup --runs ${machine.runs}\n`,
      ].join('\n'),
    });
  }
  // A cluster of the same name, but of another daemon, and one of which nothing is known: they are just not there.
  for (const name of ['blackstart-same', 'blackstart-other'])
    expect((await runOn(name, 'dns-cache-expiry')).output).toContain(`There is no cluster '${name}'`);
});

test('containers of a test run that was killed are listed, and removed; those of a living one are not', async () => {
  const machine = openMachine();
  const living = ownerOf(process.pid);
  const dead = living.replace(/\d+$/, '1');
  const containers = [
    `${'d'.repeat(64)} etcd:1 ${dead}`,
    `${'e'.repeat(64)} etcd:1 ${living}`,
    `${'f'.repeat(64)} etcd:1 elsewhere.${dead}`,
  ];
  writeFileSync(join(machine.root, 'containers'), `${containers.join('\n')}\n`);
  const describe = 'container dddddddddddd (etcd:1): its process is gone';
  const removal = 'docker rm --force --volumes dddddddddddd';
  expect(await cleanUp(machine, '--list')).toEqual({ exitCode: 0, output: `${describe}\n    ${removal}\n` });
  expect(done(machine)).toEqual([]);
  expect(await cleanUp(machine)).toEqual({ exitCode: 0, output: `removed: ${describe}\n` });
  expect(done(machine)).toEqual([removal]);
});

test('files about a cluster that is gone are listed, and removed, but not while it may be coming up', async () => {
  const machine = openMachine('blackstart-here');
  const clusters = join(machine.root, 'blackstart', 'clusters');
  const make = (name: string, ageMinutes: number): string => {
    const folder = join(clusters, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'docker-daemon-id'), name === 'blackstart-elsewhere' ? 'THERE' : 'HERE');
    const time = new Date(Date.now() - ageMinutes * 60_000);
    utimesSync(folder, time, time);
    return folder;
  };
  const gone = make('blackstart-gone', 16);
  for (const [name, ageMinutes] of [
    ['blackstart-here', 16],
    ['blackstart-new', 1],
    ['blackstart-elsewhere', 16],
    ['foreign', 16],
  ] as const)
    make(name, ageMinutes);
  const describe = 'files about blackstart-gone, a kind cluster that is gone';
  const elsewhere = join(clusters, 'blackstart-elsewhere');
  const left = `Left alone: files about blackstart-elsewhere: it was made on another Docker daemon, THERE; if that is gone: rm -r ${elsewhere}\n`;
  expect(await cleanUp(machine, '--list')).toEqual({ exitCode: 0, output: `${left}${describe}\n    rm -r ${gone}\n` });
  expect(await cleanUp(machine)).toEqual({ exitCode: 0, output: `${left}removed: ${describe}\n` });
  const kept = ['blackstart-elsewhere', 'blackstart-here', 'blackstart-new', 'foreign'];
  expect(readdirSync(clusters).toSorted()).toEqual(kept);
  expect((await cleanUp(machine)).output).toBe(`${left}${nothing}`);
});

test('what Docker cannot tell is left alone, and that is told', async () => {
  const machine = openMachine();
  rmSync(join(machine.root, 'containers'));
  const { exitCode, output } = await cleanUp(machine);
  expect([exitCode, output.split(':')[0]]).toEqual([0, 'Not looked at']);
  expect(done(machine)).toEqual([]);
});
