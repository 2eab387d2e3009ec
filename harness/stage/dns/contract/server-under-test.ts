import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A DNS server that takes Corefiles, with an address that nobody else has: `{$DNS_HOST}` and `{$DNS_PORT}` in a Corefile. */
export interface DnsServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Resolves when it runs, which is before it listens. */
  readonly start: (corefile: string, env?: Readonly<Record<string, string>>) => Promise<void>;
  /** Ends it at once. */
  readonly stop: () => Promise<void>;
}

export interface Implementation {
  readonly name: string;
  readonly create: () => DnsServer;
}

/** Our own, or any other program. */
export type DnsServerUnderTest = ReturnType<typeof processUnderTest>;

let hosts = 0;

/** An address of this machine that no other test uses: every process and every call has its own. */
export function freeHost(): string {
  hosts += 1;
  return `127.${128 + ((process.pid >> 8) & 0x3f)}.${process.pid & 0xff}.${hosts}`;
}

export function freeAddress(): DnsServer['address'] {
  return { host: freeHost(), port: 53_053 };
}

/** What Corefiles are filled with. */
export function environmentOf({ host, port }: DnsServer['address']): { DNS_HOST: string; DNS_PORT: string } {
  return { DNS_HOST: host, DNS_PORT: String(port) };
}

/** A process: `argv`, followed by `-conf FILE`. It ends with us, as its standard input does. */
export function processUnderTest(argv: readonly string[]) {
  const address = freeAddress();
  const file = join(tmpdir(), `Corefile-${address.host}`);
  let child: ChildProcess | undefined;
  let output = '';
  return {
    address,
    get child() {
      if (!child) throw new Error('not started');
      return child;
    },
    /** What it has written so far. */
    output: () => output,
    start: async (corefile: string, env: Readonly<Record<string, string>> = {}): Promise<void> => {
      await writeFile(file, corefile);
      const [command = '', ...args] = argv;
      child = spawn(command, [...args, '-conf', file], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], ...environmentOf(address), ...env },
      });
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'spawn');
    },
    stop: async (): Promise<void> => {
      if (child?.kill('SIGKILL')) await once(child, 'exit');
      await rm(file, { force: true });
    },
  };
}

export const ours = {
  name: 'our DNS server',
  create: () => processUnderTest([process.execPath, join(import.meta.dirname, '../main.ts')]),
};
