import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { signalGroup } from './proc.ts';

export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A running process that leads a process group of its own. */
export interface PodProcess {
  readonly pid: number;
  /** Resolves with the exit code; 128 + N after signal N. Nothing of the group runs any more then. */
  readonly exited: Promise<number>;
  /** To the whole group. Nothing happens when it has ended. */
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts a process that writes to `logFile`. Its standard input stays open as long as we live: programs end themselves
 * when it closes, so nothing survives us. Rejects when there is no such program.
 */
export async function startProcess({ argv, env, cwd }: ProcessSpec, logFile: string): Promise<PodProcess> {
  const [file = '', ...args] = argv;
  const log = openSync(logFile, 'a');
  const child = spawn(file, args, { detached: true, cwd, env, stdio: ['pipe', log, log] });
  closeSync(log);
  // A program that does not read its input, and is gone.
  child.stdin?.on('error', () => undefined);
  let hasEnded = false;
  const exited = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => {
      hasEnded = true;
      // As in a container, nothing outlives the first process.
      signalGroup(child.pid ?? 0, 'SIGKILL');
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  await new Promise<void>((resolve, reject) => child.on('spawn', resolve).on('error', reject));
  const pid = child.pid ?? 0;
  return { pid, exited, signal: (name) => void (hasEnded || signalGroup(pid, name)) };
}
