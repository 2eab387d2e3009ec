import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctor } from '../../cluster/embedded/doctor.ts';
import { blackstart, start } from '../blackstart.ts';

const canRun = (await doctor()).every((check) => check.status === 'ok');
if (!canRun) process.stderr.write('Skipped: embedded clusters cannot run on this machine, see `doctor`.\n');

describe.runIf(canRun)('a study on an embedded cluster', () => {
  let runs = '';

  beforeEach(() => {
    runs = mkdtempSync(join(tmpdir(), 'blackstart-runs-'));
  });

  afterEach(() => rmSync(runs, { recursive: true, force: true }));

  const folder = (): string => join(runs, 'scale-sweep', readdirSync(join(runs, 'scale-sweep'))[0] ?? '');
  const result = (): string => readFileSync(join(folder(), 'result.json'), 'utf8');

  test('that is interrupted in a run undoes it, deletes the cluster, and is judged again to the same bytes', async () => {
    const { child, seen, finished } = start(['run', 'scale-sweep', '--backend', 'embedded', '--runs', runs]);
    await seen(/phase steady-state/);
    child.kill('SIGINT');
    const { exitCode, output } = await finished;
    expect(exitCode, output).toBe(130);
    expect(JSON.parse(result())).toMatchObject({
      verdict: 'inconclusive',
      reasonCode: 'interrupted',
      clean: true,
      runs: [{ name: 'nodes-30', verdict: 'inconclusive', reasonCode: 'interrupted', clean: true }],
    });
    expect(output.trimEnd().split('\n').at(-1)).toContain('The study was interrupted by SIGINT in its run nodes-30.');
    const name = /cluster (blackstart-\w+) created/.exec(output)?.[1] ?? 'none';
    expect((await blackstart('cluster', 'list', '--backend', 'embedded')).output).not.toContain(name);
    const before = result();
    expect((await blackstart('report', folder())).exitCode).toBe(130);
    expect(result()).toBe(before);
  });
});
