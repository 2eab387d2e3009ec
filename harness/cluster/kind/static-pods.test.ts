import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Run } from '../../core/command.ts';
import { fakeRun } from './fake-run.ts';
import { thaw } from './freeze.ts';
import { nodeStaticPods, restore } from './static-pods.ts';

const before = '0123abcd  -';

function park(after: string): {
  change: ReturnType<ReturnType<typeof nodeStaticPods>['park']>;
  calls: readonly string[];
} {
  const answers = [`${before}\n`, '', after];
  const { run, calls } = fakeRun({ 'docker exec n sh -c': () => answers.shift() ?? '' });
  return { change: nodeStaticPods('n', run).park('kube-apiserver', 600_000.5), calls };
}

test('the undo is data: one docker exec with a fixed script and the names as its arguments', () => {
  const { argv } = park('').change.undo;
  expect(argv.slice(0, 5)).toEqual(['docker', 'exec', 'n', 'sh', '-c']);
  expect(argv.slice(6)).toEqual(['sh', 'kube-apiserver', 'blackstart-undo-park-kube-apiserver']);
  expect(argv[5]).not.toContain('kube-apiserver');
});

test('applying arms the timer in the node before the manifest is moved', async () => {
  const { change, calls } = park('');
  await change.snapshot();
  await change.apply();
  const script = calls[1] ?? '';
  expect(script.indexOf('systemd-run')).toBeGreaterThan(0);
  expect(script.indexOf('systemd-run')).toBeLessThan(script.lastIndexOf('mv "$manifests'));
  expect(script).toContain(' kube-apiserver 600001 blackstart-undo-park-kube-apiserver ');
});

test.each([
  ['nothing is left when the manifest is what it was', `${before}\n`, []],
  ['a manifest that changed is left over', 'ffff  -\n', ['its manifest is not what it was']],
  ['a manifest that is gone is left over', '', ['its manifest is missing']],
  [
    'a parked manifest and an armed timer are left over',
    `${before}\nparked /p/x.yaml\ntimer u.timer\n`,
    ['parked /p/x.yaml', 'timer u.timer'],
  ],
])('%s', async (_, after, expected) => {
  const { change } = park(after);
  await change.snapshot();
  await change.apply();
  const what = (await change.verify()).map((one) => one.what);
  expect(what).toEqual(expected.map((text) => `static pod kube-apiserver on n: ${text}`));
});

test('what a timer runs holds nothing that systemd would expand', () => {
  for (const script of [restore, thaw]) expect(script).not.toMatch(/\$\{|\$\$|%/);
});

test('another manifest takes its place only when the first one is put away, and the undo of both is the same', async () => {
  const given: unknown[] = [];
  const answers = [`${before}\n`, ''];
  const { run, calls } = fakeRun({ 'docker exec': () => answers.shift() ?? '' });
  const change = nodeStaticPods('n', async (argv, options) => {
    given.push(options?.input);
    return await run(argv, options);
  }).replace('kube-apiserver', 'kind: Pod', 60_000);
  await change.snapshot();
  await change.apply();
  const script = calls[1] ?? '';
  const moments = ['systemd-run', 'mv "$parked/.$target.yaml" "$parked/', 'mv "$manifests/.$target.yaml"'];
  const places = moments.map((moment) => script.indexOf(moment));
  expect([places.includes(-1), places]).toEqual([false, places.toSorted((a, b) => a - b)]);
  expect(given[1]).toBe('kind: Pod');
  const { argv } = park('').change.undo;
  expect(change.undo.argv.slice(0, 8)).toEqual(argv.slice(0, 8));
  expect(change.undo.argv[8]).toBe('blackstart-undo-replace-kube-apiserver');
});

test.each(['park', 'replace'] as const)('%s refuses a pod whose own manifest is parked already', async (change) => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-parked-'));
  const [manifests, parked] = [join(folder, 'manifests'), join(folder, 'parked')];
  for (const one of [manifests, parked]) mkdirSync(one);
  // Neither systemd nor a runtime is needed to see which file is where.
  for (const program of ['systemctl', 'systemd-run', 'crictl'])
    writeFileSync(join(folder, program), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(manifests, 'kube-apiserver.yaml'), 'another');
  writeFileSync(join(parked, 'kube-apiserver.yaml'), "the pod's own");
  const run: Run = async (argv, options) => {
    const [, , , , , script = '', ...args] = argv.filter((word) => word !== '-i');
    const here = script
      .replace('/etc/kubernetes/manifests', manifests)
      .replace('/etc/kubernetes/blackstart-parked', parked);
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const { status, stderr } = spawnSync('sh', ['-c', here, ...args], {
      input: options?.input ?? '',
      encoding: 'utf8',
      env,
    });
    if (status !== 0) throw new Error(stderr);
    return { exitCode: 0, stdout: '', stderr };
  };
  const pods = nodeStaticPods('n', run);
  const second =
    change === 'park' ? pods.park('kube-apiserver', 1_000) : pods.replace('kube-apiserver', 'third', 1_000);
  await expect(second.apply()).rejects.toThrow('is parked already');
  expect(readFileSync(join(parked, 'kube-apiserver.yaml'), 'utf8')).toBe("the pod's own");
  rmSync(folder, { recursive: true });
});
