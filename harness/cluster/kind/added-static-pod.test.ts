import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Run } from '../../core/command.ts';
import { remove } from './added-static-pod.ts';
import { nodeStaticPods } from './static-pods.ts';

function added(answers: readonly string[]) {
  const left = [...answers];
  const calls: { readonly argv: readonly string[]; readonly input: string | undefined }[] = [];
  const run: Run = async (argv, options) => {
    calls.push({ argv, input: options?.input });
    return { exitCode: 0, stdout: left.shift() ?? '', stderr: '' };
  };
  return { change: nodeStaticPods('n', run).add('kube-apiserver-second', 'kind: Pod', 60_000.5), calls };
}

test('the manifest goes in by standard input, after the timer was armed, and in one step', async () => {
  const { change, calls } = added(['', '']);
  await change.snapshot();
  await change.apply();
  const [, apply] = calls;
  expect(apply?.input).toBe('kind: Pod');
  expect(apply?.argv.slice(0, 4)).toEqual(['docker', 'exec', '-i', 'n']);
  const script = apply?.argv[6] ?? '';
  expect(script.indexOf('systemd-run')).toBeGreaterThan(0);
  expect(script.indexOf('systemd-run')).toBeLessThan(script.indexOf('cat >'));
  expect(script).toMatch(/cat > "\$manifests\/\.\$target\.yaml"; mv /);
  expect(apply?.argv.slice(8, 11)).toEqual([
    'kube-apiserver-second',
    '60001',
    'blackstart-undo-add-kube-apiserver-second',
  ]);
});

test('the undo is data, and what it leaves is told with it', async () => {
  const { change } = added(['', '', '/etc/kubernetes/manifests/kube-apiserver-second.yaml\ntimer u.timer\n']);
  await change.snapshot();
  await change.apply();
  expect((await change.verify()).map(({ what }) => what)).toEqual([
    'static pod kube-apiserver-second on n: /etc/kubernetes/manifests/kube-apiserver-second.yaml',
    'static pod kube-apiserver-second on n: timer u.timer',
  ]);
  expect(change.undo.argv.slice(6)).toEqual([
    'sh',
    'kube-apiserver-second',
    'blackstart-undo-add-kube-apiserver-second',
  ]);
});

test('nothing is written over what is there', async () => {
  const { change } = added(['/etc/kubernetes/manifests/kube-apiserver-second.yaml\n']);
  await expect(change.snapshot()).rejects.toThrow('On n there is already');
});

test('the undo takes away what was half written as well', () => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-added-'));
  for (const name of ['x.yaml', '.x.yaml', 'kept.yaml']) writeFileSync(join(folder, name), '');
  const script = remove.replace('/etc/kubernetes/manifests', folder);
  spawnSync('sh', ['-c', `crictl() { :; }; ${script}`, 'sh', 'x']);
  expect(readdirSync(folder)).toEqual(['kept.yaml']);
  rmSync(folder, { recursive: true });
});

test('what the timer runs holds nothing that systemd would expand', () => {
  expect(remove).not.toMatch(/\$\{|\$\$|%/);
});
