import { expect, test } from 'vitest';
import { nodeCpuLimits, parseCpuState } from './cpu-limits.ts';
import { fakeRun } from './fake-run.ts';

const applied = async (millicores: number): Promise<string> => {
  const { run, calls } = fakeRun({});
  await nodeCpuLimits('n', run).limit('kube-apiserver', millicores, 30_000).apply();
  return calls.join('\n');
};

test('the timer that lifts a limit is armed before the limit is set', async () => {
  const script = await applied(200);
  expect(script.indexOf('systemd-run')).toBeGreaterThan(0);
  expect(script.indexOf('--on-active')).toBeLessThan(script.indexOf('update --cpu-period'));
  expect(script).toContain(' 30000 blackstart-undo-limit-kube-apiserver ');
  expect(script).toContain(' 20000 ');
});

test('a limit is no lower than what the kernel takes', async () => {
  expect(await applied(1)).toContain(' 1000 ');
});

test('a limit, its service and its timer that are still there are leftovers with the undo as their command', async () => {
  const { run } = fakeRun({
    'docker exec n': (argv) =>
      argv.join(' ').includes('is-active')
        ? 'service blackstart-limit-kube-apiserver\n'
        : 'c1\n20000\n100000\nnr_throttled 7\n',
  });
  const leftovers = await nodeCpuLimits('n', run).limit('kube-apiserver', 200, 30_000).verify();
  expect(leftovers.map(({ what }) => what)).toEqual([
    'kube-apiserver on n: service blackstart-limit-kube-apiserver',
    'kube-apiserver on n: a limit of 200 millicores',
  ]);
  expect(leftovers[0]?.command).toContain('--cpu-quota');
});

test.each([
  ['c1\n20000\n100000\nnr_throttled 7\n', { id: 'c1', millicores: 200, throttled: 7 }],
  ['c1\n-1\n100000\nnr_throttled 0\n', { id: 'c1', millicores: null, throttled: 0 }],
  ['c1\n50000 100000\nnr_throttled 3\n', { id: 'c1', millicores: 500, throttled: 3 }],
  ['c1\nmax 100000\nnr_throttled 0\n', { id: 'c1', millicores: null, throttled: 0 }],
  ['', undefined],
])('%j is read as %j', (text, expected) => {
  expect(parseCpuState(text)).toEqual(expected);
});

test('an undo that cannot lift the limit fails, and keeps the timer that will', () => {
  const { run } = fakeRun({});
  const script = nodeCpuLimits('n', run).limit('kube-apiserver', 200, 30_000).undo.argv.join(' ');
  expect(script.indexOf('exit 1')).toBeLessThan(script.indexOf('systemctl stop "$unit.timer"'));
});

test('a node that cannot be looked at is no good news', async () => {
  const { run } = fakeRun({
    'docker exec n': (argv) => (argv.join(' ').includes('is-active') ? '' : { exitCode: 1, stderr: 'crictl: timeout' }),
  });
  await expect(nodeCpuLimits('n', run).limit('kube-apiserver', 200, 30_000).verify()).rejects.toThrow('exit code 1');
});

test('a name that is none is refused before anything is written down', () => {
  expect(() => nodeCpuLimits('n', fakeRun({}).run).limit('$(reboot)', 1, 1)).toThrow('not a plain name');
});
