import { CommandError, pasteable, type CommandOptions, type Run } from '../../core/command.ts';

type Reply = string | { readonly exitCode: number; readonly stderr: string };

/** For tests: answers commands by the longest matching beginning (or the whole) of their text, and remembers them. */
export function fakeRun(replies: Readonly<Record<string, Reply | ((argv: readonly string[]) => Reply)>>): {
  readonly run: Run;
  readonly calls: readonly string[];
} {
  const calls: string[] = [];
  const run: Run = async (argv, options: CommandOptions = {}) => {
    await Promise.resolve();
    const text = pasteable(argv);
    calls.push(text);
    const key = Object.keys(replies)
      .filter((begin) => text.startsWith(begin))
      .toSorted((a, b) => b.length - a.length)[0];
    const found = key === undefined ? '' : (replies[key] ?? '');
    const reply = typeof found === 'function' ? found(argv) : found;
    if (typeof reply === 'string') {
      for (const line of reply.split('\n')) options.onLine?.(line);
      return { exitCode: 0, stdout: reply, stderr: '' };
    }
    throw new CommandError(argv, { stdout: '', ...reply }, `Command failed with exit code ${reply.exitCode}`);
  };
  return { run, calls };
}
