import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killPods, podGroups, readProcess, signalGroup } from '../node/proc.ts';
import type { PlannedNode } from './plan.ts';

/** Wait before a node that died is started again: 1 s, doubled up to 10 s, 1 s again after a minute of life. */
const firstRestartMs = 1_000;
const maxRestartMs = 10_000;
const healthyMs = 60_000;
const agentProgram = fileURLToPath(new URL('../node/main.ts', import.meta.url));
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2'];

/** A node: its agent, which is started again when it dies, and the pods that the agent runs. */
export class NodeProcess {
  readonly node: PlannedNode;
  readonly #log: (message: string) => void;
  readonly #argv: readonly string[];
  #child: ChildProcess | undefined;
  #waker: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = firstRestartMs;
  #isOff = false;

  /** `log` is told, in one line, when the process ended or could not be started. */
  constructor(node: PlannedNode, dataDir: string, log: (message: string) => void, program = agentProgram) {
    const { name, address, role } = node;
    this.node = node;
    this.#log = log;
    this.#argv = [...flags, program, '--node', name, '--data', dataDir, '--address', address, '--role', role];
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
   * Stops every process of the node where it stands. Who lets them go on is another process, which does so also when
   * the host is killed: a stopped process cannot see that its parent is gone, and would stay for ever.
   */
  async pause(): Promise<void> {
    const { pid } = this;
    if (this.isPaused || pid === undefined) return;
    process.kill(pid, 'SIGSTOP');
    // Once it stands still it starts no more pods.
    while (readProcess(pid)?.state === 'R') await new Promise((resolve) => setTimeout(resolve, 1));
    const groups = podGroups(this.node.folder);
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
    await killPods(this.node.folder);
    await this.unpause();
  }

  #start(): void {
    const { name, folder } = this.node;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const logFile = openSync(join(folder, 'agent.log'), 'a', 0o600);
    const child = spawn(process.execPath, this.#argv, { stdio: ['pipe', logFile, logFile], detached: true });
    closeSync(logFile);
    const startedAtMs = performance.now();
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    child.on('error', (problem) => this.#log(`${name}: ${problem.message}`));
    child.on('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#isOff) return;
      if (performance.now() - startedAtMs > healthyMs) this.#restartMs = firstRestartMs;
      this.#log(`${name} ended (${signal ?? code}); it starts again in ${this.#restartMs / 1_000} s`);
      this.#restart = setTimeout(() => this.#start(), this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
    });
  }
}
