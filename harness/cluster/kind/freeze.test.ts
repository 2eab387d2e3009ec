import { expect, test } from 'vitest';
import type { NodeContainer } from '../cluster.ts';
import { fakeRun } from './fake-run.ts';
import { freezeContainer, holdContainer } from './freeze.ts';

const container: NodeContainer = {
  id: 'be94bf31cae50852f2085d018dc1a5a3e102a721e66b9cbb7550a0538db87143',
  name: 'kube-apiserver',
  pod: 'kube-apiserver-n',
  namespace: 'kube-system',
  attempt: 0,
  state: 'running',
  startedAt: '',
};

test('the timer of a freeze is armed before the first process stops', async () => {
  const { run, calls } = fakeRun({});
  await freezeContainer('n', container, 30_000, run).apply();
  const script = calls[0] ?? '';
  expect(script.indexOf('systemd-run')).toBeGreaterThan(0);
  expect(script.indexOf('systemd-run')).toBeLessThan(script.indexOf('kill -STOP'));
  expect(script).toContain(' 30000 blackstart-undo-freeze-be94bf31cae5 ');
});

test('every process that still stands still, and every timer, is a leftover with the undo as its command', async () => {
  const { run } = fakeRun({
    'docker exec n': 'process 12 is stopped\ntimer blackstart-undo-freeze-be94bf31cae5.timer\n',
  });
  const change = freezeContainer('n', container, 30_000, run);
  const leftovers = await change.verify();
  expect(leftovers).toHaveLength(2);
  expect(leftovers[0]?.what).toContain('process 12 is stopped');
  expect(leftovers[0]?.command).toContain('kill -CONT');
});

test('a container that is held is ended, by the undo and by the timer, and never goes on', async () => {
  const { run, calls } = fakeRun({});
  const change = holdContainer('n', container, 30_000, run);
  await change.apply();
  expect(calls[0]).toContain('kill -KILL');
  expect(calls[0]).not.toContain('kill -CONT');
  expect(change.undo.argv.join(' ')).toContain('kill -KILL');
});

test('a container whose id is not one is refused before anything is written down', () => {
  const { run } = fakeRun({});
  expect(() => freezeContainer('n', { ...container, id: '$(reboot)' }, 1, run)).toThrow('not a container id');
});
