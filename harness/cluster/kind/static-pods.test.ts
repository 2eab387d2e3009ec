import { expect, test } from 'vitest';
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
