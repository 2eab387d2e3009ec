import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const program = `
  const { listenForInterrupts } = await import(${JSON.stringify(new URL('./signals.ts', import.meta.url).href)});
  const interrupts = listenForInterrupts({
    first: (signal) => console.log('first ' + signal),
    again: (signal) => { console.log('leave now, first was ' + signal); process.exit(0); },
  });
  interrupts.signal.addEventListener('abort', () => {
    console.log('aborted ' + interrupts.signal.reason);
    if (process.env.END_WHEN_ABORTED) process.exit(0);
  });
  console.log('ready');
  setInterval(() => {}, 1000);
`;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(
  command = process.execPath,
  args = ['--input-type=module', '-e', program],
): {
  child: ChildProcess;
  line: () => Promise<string>;
} {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

test('the first signal aborts with its name', async () => {
  const { child, line } = start();
  expect(await line()).toBe('ready');
  child.kill('SIGTERM');
  expect([await line(), await line()]).toEqual(['first SIGTERM', 'aborted SIGTERM']);
});

test('a second one within a second is the same Ctrl-C; a later one leaves at once', async () => {
  const { child, line } = start();
  await line();
  child.kill('SIGINT');
  await line();
  await line();
  const firstAt = performance.now();
  const again = setInterval(() => child.kill('SIGINT'), 100);
  expect(await line()).toBe('leave now, first was SIGINT');
  clearInterval(again);
  expect(performance.now() - firstAt).toBeGreaterThan(900);
});

test('a process whose parent is gone ends as on SIGTERM', async () => {
  const inner = `require('node:child_process').spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(program)}], { stdio: 'inherit', env: { END_WHEN_ABORTED: '1' } }); setInterval(() => {}, 1000);`;
  const { child, line } = start(process.execPath, ['-e', inner]);
  expect(await line()).toBe('ready');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await line()).toBe('first SIGTERM');
});
