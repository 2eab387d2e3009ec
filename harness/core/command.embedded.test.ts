import { expect, test } from 'vitest';
import { CommandError, pasteable, run, tryRun } from './command.ts';

const node = process.execPath;

test('a failing program rejects with the command to paste and the end of its output', async () => {
  const problem = await run([node, '-e', 'console.error("disk on fire"); process.exit(3)']).catch(
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(CommandError);
  expect(String(problem)).toMatch(/exit code 3: .*disk on fire/s);
});

test('an exit code can be an answer', async () => {
  expect(await tryRun([node, '-e', 'process.exit(3)'])).toMatchObject({ exitCode: 3 });
});

test('a program that is not installed says where to look', async () => {
  await expect(run(['blackstart-no-such-program'])).rejects.toMatchObject({ code: 'environment' });
});

test('a program that hangs is ended after its time', async () => {
  await expect(run([node, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 })).rejects.toThrow(
    'no result within 0.3 s',
  );
});

test('an aborted signal ends the program as interrupted', async () => {
  const controller = new AbortController();
  const running = run([node, '-e', 'setInterval(() => {}, 1000)'], { signal: controller.signal });
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});

test.each(['log', 'error'])('lines of console.%s are handed on as they come', async (method) => {
  const lines: string[] = [];
  const controller = new AbortController();
  // The program never ends by itself: it is ended by the line that is handed on.
  const program = `console.${method}("a"); console.${method}("b"); setInterval(() => {}, 1000)`;
  const onLine = (line: string): void => {
    if (lines.push(line) === 2) controller.abort();
  };
  await expect(run([node, '-e', program], { onLine, signal: controller.signal })).rejects.toThrow('Interrupted');
  expect(lines).toEqual(['a', 'b']);
});

test('words with special characters are quoted for a shell', () => {
  expect(pasteable(['sh', '-c', "echo 'hi'; ls"])).toBe(`sh -c 'echo '\\''hi'\\''; ls'`);
});
