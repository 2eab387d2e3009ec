import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { dnsMetrics } from '../metrics/dns-metrics.ts';
import { CorefileError, parseCorefile } from './corefile.ts';
import type { PluginContext } from './plugin.ts';
import { runServer } from './server.ts';

/** The CoreDNS whose behavior this is. */
const version = '1.12.1';

const log: PluginContext['log'] = (level, text) => process.stdout.write(`[${level}] ${text}\n`);

async function start(): Promise<() => Promise<void>> {
  const [flag, file = '', ...others] = process.argv.slice(2);
  if (flag !== '-conf' || file === '' || others.length > 0) throw new Error('usage: -conf FILE');
  try {
    const { env } = process;
    const runtime = { env, clock: systemClock, random: { next: Math.random }, metrics: dnsMetrics(version), log };
    return await runServer(parseCorefile(readFileSync(file, 'utf8'), env), runtime);
  } catch (problem) {
    if (problem instanceof CorefileError) problem.message = `${file}:${problem.line} - ${problem.message}`;
    throw problem;
  }
}

/** A server that still waits for the API just ends. */
let drain = async (): Promise<void> => Promise.resolve();

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
    void drain().then(() => process.exit(0));
  });
}

try {
  drain = await start();
} catch (problem) {
  process.stderr.write(`${messageOf(problem)}\n`);
  process.exit(1);
}
// The next process starts sooner and smaller; one that is killed would not write it.
flushCompileCache();
