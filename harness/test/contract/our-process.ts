import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(import.meta.dirname, '../../stage/api/main.ts');

/** Our API server on 127.0.0.1, at any free port or at `port`, with the PKI in `folder`; resolves when it is ready. */
export async function startOurProcess(folder: string, port = '0'): Promise<{ url: string; end: () => Promise<void> }> {
  const args = [
    main,
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--data-dir=${folder}`,
    '--service-cluster-ip-range=10.96.0.0/24',
  ];
  // It ends with us, as its standard input does.
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (line !== 'ready') continue;
    const url = lines.map((one) => /^serving on (.*)$/.exec(one)?.[1]).find((one) => one !== undefined) ?? '';
    child.stderr.resume();
    return {
      url,
      end: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new Error(`The API server ended:\n${lines.join('\n')}`);
}
