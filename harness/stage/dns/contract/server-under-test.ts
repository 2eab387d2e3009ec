import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type DnsServerUnderTest = ReturnType<typeof processUnderTest>;

export type Implementation = typeof ours;

let hosts = 0;

/** An address of this machine that no other test uses: every process and every call has its own. */
export function freeHost(): string {
  hosts += 1;
  return `127.${128 + ((process.pid >> 8) & 0x3f)}.${process.pid & 0xff}.${hosts}`;
}

/** A DNS server that takes Corefiles: `argv`, followed by `-conf FILE`. Ends with us, as its standard input does. */
function processUnderTest(argv: readonly string[]) {
  const address = { host: freeHost(), port: 53_053 };
  const file = join(tmpdir(), `Corefile-${address.host}`);
  let child: ChildProcess | undefined;
  let output = '';
  return {
    /** Corefiles have it as `{$DNS_HOST}` and `{$DNS_PORT}`. */
    address,
    get child() {
      if (!child) throw new Error('not started');
      return child;
    },
    /** What it has written so far. */
    output: () => output,
    /** Resolves when it runs, which is before it listens. */
    start: async (corefile: string, env: Readonly<Record<string, string>> = {}): Promise<void> => {
      await writeFile(file, corefile);
      const [command = '', ...args] = argv;
      child = spawn(command, [...args, '-conf', file], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], DNS_HOST: address.host, DNS_PORT: String(address.port), ...env },
      });
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'spawn');
    },
    /** Ends it at once. */
    stop: async (): Promise<void> => {
      if (child?.kill('SIGKILL')) await once(child, 'exit');
      await rm(file, { force: true });
    },
  };
}

export const ours = {
  name: 'our DNS server',
  /** A server with an address that nobody else has. */
  create: () => processUnderTest([process.execPath, join(import.meta.dirname, '../main.ts')]),
};

/** Ours, and the real CoreDNS where `BLACKSTART_COREDNS` names its program. Both have to pass the same tests. */
export function implementations(): Implementation[] {
  const program = process.env['BLACKSTART_COREDNS'];
  return program === undefined ? [ours] : [ours, { name: 'CoreDNS', create: () => processUnderTest([program]) }];
}
