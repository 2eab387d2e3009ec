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
  expect(script.indexOf('--on-active')).toBeLessThan(script.indexOf('crictl update'));
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
        : '20000\n100000\nnr_throttled 7\n',
  });
  const leftovers = await nodeCpuLimits('n', run).limit('kube-apiserver', 200, 30_000).verify();
  expect(leftovers.map(({ what }) => what)).toEqual([
    'kube-apiserver on n: service blackstart-limit-kube-apiserver',
    'kube-apiserver on n: a limit of 200 millicores',
  ]);
  expect(leftovers[0]?.command).toContain('crictl update');
});

test.each([
  ['20000\n100000\nnr_throttled 7\n', { millicores: 200, throttled: 7 }],
  ['-1\n100000\nnr_throttled 0\n', { millicores: null, throttled: 0 }],
  ['50000 100000\nnr_throttled 3\n', { millicores: 500, throttled: 3 }],
  ['max 100000\nnr_throttled 0\n', { millicores: null, throttled: 0 }],
  ['', undefined],
])('%j is read as %j', (text, expected) => {
  expect(parseCpuState(text)).toEqual(expected);
});

test('a name that is none is refused before anything is written down', () => {
  expect(() => nodeCpuLimits('n', fakeRun({}).run).limit('$(reboot)', 1, 1)).toThrow('not a plain name');
});
