import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { fakeMachine } from './fake-programs.ts';

test.for([
  ['answers', 'exit 0', 'kind'],
  ['is there but does not run', 'echo "Cannot connect to the Docker daemon" >&2; exit 1', 'embedded'],
])('without --backend, where Docker %s, that is where to run', async ([, docker = '', backend = '']) => {
  const machine = fakeMachine({ docker, kind: '', kubectl: '', helm: '' });
  onTestFinished(() => rmSync(machine.root, { recursive: true }));
  const { child, output } = machine.start('plan', 'apiserver-kill');
  await once(child, 'close');
  expect(output()).toMatch(new RegExp(`^Backend +${backend}$`, 'm'));
});
