import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A DNS server that takes Corefiles: ours, or the real one. */
export interface DnsServerUnderTest {
  /** Known before the start. Corefiles have it as `{$DNS_HOST}` and `{$DNS_PORT}`; HTTP addresses are ports of the host. */
  readonly address: DnsAddress;
  /** Resolves when it runs, which is before it listens. */
  readonly start: (corefile: string, env?: Readonly<Record<string, string>>) => Promise<void>;
  /** Ends it at once. */
  readonly stop: () => Promise<void>;
}

export interface DnsAddress {
  readonly host: string;
  readonly port: number;
}

export interface Implementation {
  readonly name: string;
  /** A server with an address that nobody else has. */
  create(): DnsServerUnderTest;
}

export interface ServerProcess extends DnsServerUnderTest {
  readonly child: ChildProcess;
  /** What it has written so far. */
  output(): string;
}

let hosts = 0;

/** An address of this machine that no other test uses: every process and every call has its own. */
export function freeHost(): string {
  hosts += 1;
  return `127.${128 + ((process.pid >> 8) & 0x3f)}.${process.pid & 0xff}.${hosts}`;
}

/** A server that is a process: `argv`, followed by `-conf FILE`. Ends with us, because its standard input does. */
function processUnderTest(argv: readonly string[]): ServerProcess {
  const address = { host: freeHost(), port: 53_053 };
  let child: ChildProcess | undefined;
  let folder: string | undefined;
  let output = '';
  return {
    address,
    get child() {
      if (!child) throw new Error('not started');
      return child;
    },
    output: () => output,
    start: async (corefile, env = {}) => {
      folder = await mkdtemp(join(tmpdir(), 'dns-under-test-'));
      const file = join(folder, 'Corefile');
      await writeFile(file, corefile);
      const [command = '', ...args] = argv;
      child = spawn(command, [...args, '-conf', file], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], DNS_HOST: address.host, DNS_PORT: String(address.port), ...env },
      });
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'spawn');
    },
    stop: async () => {
      if (child && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}

const main = join(import.meta.dirname, '..', 'main.ts');

export const ours = {
  name: 'our DNS server',
  create: () => processUnderTest([process.execPath, '--disable-warning=ExperimentalWarning', main]),
};

/** Ours, and the real CoreDNS where `BLACKSTART_COREDNS` names its program. Both have to pass the same tests. */
export function implementations(): Implementation[] {
  const program = process.env['BLACKSTART_COREDNS'];
  return program === undefined ? [ours] : [ours, { name: 'CoreDNS', create: () => processUnderTest([program]) }];
}
