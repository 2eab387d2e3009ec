import { execa } from 'execa';
import { BlackstartError } from './errors.ts';

export interface CommandOptions {
  /** Wall milliseconds after which the program is killed. Default 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Text for the program's standard input. */
  readonly input?: string;
  readonly cwd?: string;
  /** In a process group of its own: a Ctrl-C in the terminal does not reach it. Default false. */
  readonly detached?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every line of stdout and stderr as it comes, for progress. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs. Injected, so that tests can answer for kind, kubectl, helm and docker. */
export type Run = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/** A program that ran and failed: the message is the exact command, ready to paste, with the end of its output. */
export class CommandError extends BlackstartError {
  readonly argv: readonly string[];
  readonly result: CommandResult;

  constructor(argv: readonly string[], result: CommandResult, why: string) {
    const output = lastLines(`${result.stdout}\n${result.stderr}`.trim(), 12);
    super('command-failed', `${why}: ${pasteable(argv)}${output === '' ? '' : `\n${output}`}`);
    this.argv = argv;
    this.result = result;
  }
}

/** Runs a program without a shell; rejects with a CommandError unless it exits with 0. */
export const run: Run = async (argv, options = {}) => {
  const result = await tryRun(argv, options);
  if (result.exitCode !== 0) throw new CommandError(argv, result, `Command failed with exit code ${result.exitCode}`);
  return result;
};

/** Like `run`, but an exit code other than 0 is an answer. Rejects when the program is missing, killed or too slow. */
export const tryRun: Run = async (argv, options = {}) => {
  const [file = '', ...args] = argv;
  const { signal, input, cwd, env, onLine, detached = false, timeoutMs = 60_000 } = options;
  const child = execa(file, args, {
    reject: false,
    timeout: timeoutMs,
    detached,
    ...(signal && { cancelSignal: signal }),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(cwd !== undefined && { cwd }),
    ...(env && { env }),
  });
  if (onLine) for (const from of ['stdout', 'stderr'] as const) void forwardLines(child.iterable({ from }), onLine);
  const outcome = await child;
  const result = { exitCode: outcome.exitCode ?? -1, stdout: outcome.stdout, stderr: outcome.stderr };
  if (outcome.isCanceled) throw new BlackstartError('interrupted', `Interrupted: ${pasteable(argv)}`);
  if (outcome.timedOut) throw new CommandError(argv, result, `Command gave no result within ${timeoutMs / 1_000} s`);
  if (outcome.exitCode === undefined) {
    if (outcome.code === 'ENOENT') {
      throw new BlackstartError('environment', `'${file}' is not installed or not on the PATH`, {
        hint: 'Run `npm run -s blackstart -- doctor`: it says what is missing and how to get it.',
      });
    }
    throw new CommandError(argv, result, `Command could not be run (${outcome.signal ?? outcome.code ?? 'unknown'})`);
  }
  return result;
};

async function forwardLines(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) onLine(String(line));
  } catch {
    // The caller awaits the same child and reports its failure.
  }
}

/** The command as one would type it in a shell. */
export function pasteable(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The last `count` lines of a text. */
function lastLines(text: string, count: number): string {
  return text.split('\n').slice(-count).join('\n');
}
