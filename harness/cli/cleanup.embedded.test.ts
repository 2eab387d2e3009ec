import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Change } from '../undo/change.ts';
import { createUndoLog } from '../undo/undo-log.ts';
import { fakeMachine, type FakeMachine } from './fake-programs.ts';

/** Docker knows the clusters in `$ROOT/clusters`; everything that is not asked but done is written down. */
const programs = {
  docker: `if [ "$1" = ps ]; then cat "$ROOT/clusters"; else echo "docker $*" >>"$ROOT/done"; fi`,
  kind: `echo "kind $*" >>"$ROOT/done"`,
};

function openMachine(...clusters: string[]): FakeMachine {
  const machine = fakeMachine(programs);
  onTestFinished(() => rmSync(machine.root, { recursive: true }));
  writeFileSync(join(machine.root, 'clusters'), clusters.map((name) => `${name}\n`).join(''));
  return machine;
}

/** A run that died in its outage, in this cluster, and what we keep on disk about the cluster. */
function leaveBehind({ root, runs }: FakeMachine, cluster: string, needs: readonly Change['needs'][]): void {
  mkdirSync(join(root, 'blackstart', 'clusters', cluster), { recursive: true });
  const folder = join(runs, 'x', cluster);
  mkdirSync(folder, { recursive: true });
  const owner = { pid: process.pid, started: 'another time' };
  const log = createUndoLog(join(folder, 'undo.jsonl'), {
    runId: 'r',
    owner,
    cluster: { backend: 'kind', name: cluster },
  });
  for (const one of needs) {
    const argv = [one === 'node' ? 'docker' : 'kind', 'undo', one, cluster];
    log.plan({ describe: one, needs: one, undo: { argv, timeoutMs: 5_000 } });
  }
  log.close();
}

async function cleanUp({ start, runs }: FakeMachine): Promise<{ exitCode: unknown; output: string }> {
  const { child, output } = start('cleanup', '--runs', runs);
  const [exitCode] = (await once(child, 'close')) as unknown[];
  return { exitCode, output: output() };
}

function done({ root }: FakeMachine): string[] {
  const path = join(root, 'done');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

const nothing = 'Nothing to clean up: no dead run left anything.\n';

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
