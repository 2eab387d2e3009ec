import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ContainerLog } from './container-log.ts';
import type { PidFolder } from './pid-folder.ts';
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
 * Starts a process. Its standard input stays open as long as we live: programs end themselves when it closes, so nothing
 * survives us. Rejects when there is no such program.
 */
export async function startProcess(spec: ProcessSpec, pids: PidFolder, log: ContainerLog): Promise<PodProcess> {
  const [file = '', ...args] = spec.argv;
  const child = spawn(file, args, { detached: true, cwd: spec.cwd, env: spec.env, stdio: 'pipe' });
  // A program that does not read its input, and is gone.
  child.stdin.on('error', () => undefined);
  log.attach('stdout', child.stdout);
  log.attach('stderr', child.stderr);
  const exited = Promise.withResolvers<number>();
  let hasEnded = false;
  child.on('exit', (code, signal) => {
    hasEnded = true;
    const pid = child.pid ?? 0;
    // As in a container, nothing outlives the first process.
    signalGroup(pid, 'SIGKILL');
    pids.remove(pid);
    exited.resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
  await new Promise<void>((resolve, reject) => {
    child.on('spawn', resolve);
    child.on('error', reject);
  });
  const pid = child.pid ?? 0;
  try {
    if (!hasEnded) pids.add(pid);
  } catch (problem) {
    signalGroup(pid, 'SIGKILL');
    throw problem;
  }
  return {
    pid,
    exited: exited.promise,
    signal: (name) => {
      if (!hasEnded) signalGroup(pid, name);
    },
  };
}

/** Runs a command to its end; gives the exit code. When `signal` is aborted it is killed, and this rejects. */
export async function runOnce({ argv, cwd, env }: ProcessSpec, signal: AbortSignal): Promise<number> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd, env, signal, killSignal: 'SIGKILL', stdio: ['pipe', 'ignore', 'ignore'] });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  });
}
