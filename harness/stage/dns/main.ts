import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { dnsMetrics } from '../metrics/dns-metrics.ts';
import { CorefileError } from './corefile/corefile-error.ts';
import { parseCorefile } from './corefile/parse-corefile.ts';
import type { Log } from './plugins.ts';
import { runServer, type RunningServer } from './run-server.ts';

/** The CoreDNS whose behavior this is. */
const version = '1.12.1';

const log: Log = (level, text) => process.stdout.write(`[${level}] ${text}\n`);

/** `-conf FILE [-dns.port PORT]`; the defaults are CoreDNS's. */
function readArguments(argv: readonly string[]): { file: string; port: number } {
  const words = argv.flatMap((word) => word.split(/(?<=^--?[a-z.]+)=/));
  const values = { file: 'Corefile', port: 53 };
  while (words.length > 0) {
    const flag = words.shift()?.replace(/^--/, '-');
    const value = words.shift();
    if (flag === '-conf' && value !== undefined) values.file = value;
    else if (flag === '-dns.port' && /^\d+$/.test(value ?? '')) values.port = Number(value);
    else throw new Error(`usage: -conf FILE [-dns.port PORT], not '${flag}'`);
  }
  return values;
}

async function start(): Promise<RunningServer> {
  const { file, port } = readArguments(process.argv.slice(2));
  try {
    const blocks = parseCorefile(readFileSync(file, 'utf8'), process.env, port);
    return await runServer(blocks, {
      env: process.env,
      clock: systemClock,
      random: { next: Math.random },
      metrics: dnsMetrics({ version }),
      log,
    });
  } catch (problem) {
    if (problem instanceof CorefileError) problem.message = `${file}:${problem.line} - ${problem.message}`;
    throw problem;
  }
}

let running: RunningServer | undefined;

// Nothing of ours outlives its parent.
process.stdin
  .on('end', () => process.exit(1))
  .on('error', () => process.exit(1))
  .resume();
// CoreDNS reloads on USR1, which here would be Node's debugger.
process.on('SIGUSR1', () => undefined).on('SIGHUP', () => undefined);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log('INFO', `${signal}: Shutting down servers then terminating`);
    // One that still waits for the API just ends.
    void (running?.stop() ?? Promise.resolve()).then(() => process.exit(0));
  });
}

try {
  running = await start();
} catch (problem) {
  process.stderr.write(`${messageOf(problem)}\n`);
  process.exit(1);
}
// The next process starts sooner and smaller; one that is killed would not write it.
flushCompileCache();
