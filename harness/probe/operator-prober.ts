import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BlackstartError } from '../core/errors.ts';
import { operatorNode } from '../plan/plan.ts';

const program = fileURLToPath(new URL('../workload/prober/main.ts', import.meta.url));
const startMs = 10_000;

/** A prober on this machine, outside the cluster, as operators are. */
export interface OperatorProber {
  readonly url: string;
  /** Ends the process. It also ends by itself when ours does: its standard input closes. */
  close(): void;
}

/** Rejects with `prober` when it does not listen within 10 s. */
export async function startOperatorProber(): Promise<OperatorProber> {
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_NAME: operatorNode, HOST_IP: '127.0.0.1', PROBER_PORT: '0', PROBER_PARENT_STDIN: '1' },
    // A Ctrl-C in the terminal is ours to handle: what is undone after it is still measured.
    detached: true,
  });
  asImportantAsUsual(child);
  try {
    return { url: `http://${await listeningOn(child)}`, close: () => end(child) };
  } catch (cause) {
    end(child);
    throw new BlackstartError('prober', 'The prober of the operator lanes did not start', { cause });
  }
}

async function listeningOn(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new BlackstartError('internal', 'The prober was started without a pipe');
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(startMs)]);
  const [line] = (await once(createInterface(child.stdout), 'line', { signal })) as [string];
  const address = /listens on (\S+)$/.exec(line)?.[1];
  if (address === undefined) throw new BlackstartError('prober', `The prober said: ${line}`);
  return address;
}

/** Its pipes would keep our process alive. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdin?.destroy();
  child.stdout?.destroy();
}

/** The harness gives way to the nodes; its prober must not. Only root may take that back; otherwise its lag will tell. */
function asImportantAsUsual({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, 0);
  } catch {
    // The judge looks at the lag.
  }
}
