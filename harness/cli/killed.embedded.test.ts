import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctor } from '../cluster/embedded/doctor.ts';

const bin = new URL('./bin.js', import.meta.url).pathname;
const lowPorts = (await doctor()).every((check) => check.status === 'ok');
if (!lowPorts) process.stderr.write('Skipped: embedded clusters cannot run on this machine, see `doctor`.\n');

/** Few of everything, but of every kind: cluster, workloads, agents, fake nodes, a prober outside the cluster. */
const small = ['--set', 'nodes=1', 'podsPerNode=1', 'agents=2'];

test.runIf(lowPorts)(
  'kill -9 of the harness in the middle of a run leaves no process after 10 s, and cleanup removes the rest',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'bs-'));
    const [runs, clusters] = [join(root, 'runs'), join(root, 'c')];
    const env = { ...process.env, BLACKSTART_EMBEDDED_DIR: clusters, XDG_STATE_HOME: root };
    const args = [bin, 'run', 'telemetry-overload', '--backend', 'embedded', ...small, '--runs', runs];
    const harness = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => {
      harness.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    });
    let output = '';
    harness.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    await vi.waitFor(() => expect(output).toContain('phase steady-state'), { timeout: 60_000, interval: 100 });

    const pids = descendantsOf(harness.pid ?? 0);
    const commands = pids.map(commandOf);
    for (const program of [
      'stage/host',
      'stage/node',
      'stage/api',
      'stage/controllers',
      'stage/dns',
      'workload/prober',
    ]) {
      expect(commands).toContainEqual(expect.stringContaining(`${program}/main.ts`));
    }
    // The cluster's own eight and one for each pod of the workloads.
    expect(pids.length).toBeGreaterThanOrEqual(20);
    harness.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.filter((pid) => commandOf(pid) !== '')).toEqual([]), { timeout: 10_000 });

    const cleanup = async (): Promise<string> =>
      (await promisify(execFile)(process.execPath, [bin, 'cleanup', '--runs', runs], { env })).stdout;
    expect(await cleanup()).toMatch(/undone: create cluster/);
    expect(readdirSync(clusters)).toEqual([]);
    expect(await cleanup()).toContain('Nothing to clean up');
  },
  120_000,
);

/** The children of a process, their children and so on. */
function descendantsOf(root: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const found = [root];
  for (const pid of found) found.push(...parents.flatMap(([child, parent]) => (parent === pid ? [child] : [])));
  return found.slice(1);
}

function parentOf(pid: string): number {
  // What comes after the name in parentheses: state, then the parent.
  return Number(/^ \S (\d+)/.exec(readOrEmpty(`/proc/${pid}/stat`).replace(/^.*\)/s, ''))?.[1]);
}

/** Empty when the process has ended, whether anybody has asked for its exit code or not. */
function commandOf(pid: number): string {
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
