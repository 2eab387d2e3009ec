import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProcess, signalGroup } from '../node/proc.ts';
import type { PlannedNode } from './plan.ts';

export interface NodeProcessOptions {
  readonly node: PlannedNode;
  readonly dataDir: string;
  /** Told, in one line, when the process ended or could not be started. */
  readonly log: (message: string) => void;
  /** Default: the node agent of the stage. */
  readonly program?: string;
}

/** Wait before a node that died is started again: 1 s, doubled up to 10 s, 1 s again after a minute of life. */
const firstRestartMs = 1_000;
const maxRestartMs = 10_000;
const healthyMs = 60_000;
const agentProgram = fileURLToPath(new URL('../node/main.ts', import.meta.url));

/** A node: its agent, which is started again when it dies, and the pods that the agent runs. */
export class NodeProcess {
  readonly node: PlannedNode;
  readonly #options: NodeProcessOptions;
  #child: ChildProcess | undefined;
  #waker: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = firstRestartMs;
  #isOff = false;

  constructor(options: NodeProcessOptions) {
    this.node = options.node;
    this.#options = options;
    this.#start();
  }

  /** Undefined between two lives. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isPaused(): boolean {
    return this.#waker !== undefined;
  }

  /**
   * Stops every process of the node where it stands. Who lets them go on is another process, which does so also when the
   * host is killed: a stopped process cannot see that its parent is gone, and would stay for ever.
   */
  async pause(): Promise<void> {
    const pid = this.pid;
    if (this.isPaused || pid === undefined) return;
    process.kill(pid, 'SIGSTOP');
    // Once it stands still it starts no more pods.
    while (readProcess(pid)?.state === 'R') await new Promise((resolve) => setTimeout(resolve, 1));
    const groups = this.#podGroups();
    for (const group of groups) signalGroup(group, 'SIGSTOP');
    const targets = [...groups.map((group) => `-${group}`), String(pid)];
    this.#waker = spawn('/bin/sh', ['-c', 'read -r _; for id; do kill -s CONT -- "$id"; done', 'sh', ...targets], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#waker.stdin?.on('error', () => undefined);
  }

  async unpause(): Promise<void> {
    const waker = this.#waker;
    if (!waker) return;
    const gone = new Promise((resolve) => waker.once('exit', resolve));
    waker.stdin?.end();
    if (waker.exitCode === null) await gone;
    this.#waker = undefined;
  }

  /** Ends the agent and its pods at once, as when the power goes. */
  async powerOff(): Promise<void> {
    this.#isOff = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    const gone = child && new Promise((resolve) => child.once('exit', resolve));
    child?.kill('SIGKILL');
    await gone;
    for (const group of this.#podGroups()) signalGroup(group, 'SIGKILL');
    await this.unpause();
  }

  #start(): void {
    const { node, dataDir, program = agentProgram, log } = this.#options;
    mkdirSync(node.folder, { recursive: true, mode: 0o700 });
    const logFile = openSync(join(node.folder, 'agent.log'), 'a', 0o600);
    const args = ['--node', node.name, '--data', dataDir, '--address', node.address, '--index', String(node.index)];
    const argv = [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=2',
      program,
      ...args,
      '--role',
      node.role,
    ];
    const child = spawn(process.execPath, argv, { stdio: ['pipe', logFile, logFile], detached: true });
    closeSync(logFile);
    const startedAtMs = performance.now();
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    child.on('error', (problem) => log(`${node.name}: ${problem.message}`));
    child.on('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#isOff) return;
      if (performance.now() - startedAtMs > healthyMs) this.#restartMs = firstRestartMs;
      log(`${node.name} ended (${signal ?? code}); it starts again in ${this.#restartMs / 1_000} s`);
      this.#restart = setTimeout(() => this.#start(), this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
    });
  }

  /** The process groups of the pods, as the agent wrote them down: by the leader's pid, with its start time. */
  #podGroups(): number[] {
    const folder = join(this.node.folder, 'pids');
    try {
      return readdirSync(folder)
        .filter((name) => readProcess(Number(name))?.startTicks === readFileSync(join(folder, name), 'utf8'))
        .map(Number);
    } catch {
      return [];
    }
  }
}
