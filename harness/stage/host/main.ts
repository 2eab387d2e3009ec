/** The host of a cluster: `main.ts --spec FILE`. Prints one line of JSON when the cluster is ready, or why it is not. */
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BlackstartError, messageOf } from '../../core/errors.ts';

// Every program of the cluster starts quicker when it need not be compiled; they learn of the folder by the environment.
const cache =
  process.env['NODE_COMPILE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'blackstart');
enableCompileCache(cache);
process.env['NODE_COMPILE_CACHE'] = cache;

const startMs = performance.now();
try {
  const { Host } = await import('./host.ts');
  const { readSpec } = await import('./plan.ts');
  const { spec: file = '' } = parseArgs({ options: { spec: { type: 'string' } } }).values;
  const spec = readSpec(readFileSync(file, 'utf8'));
  const host = await Host.create(spec);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => host.powerOff(signal));
  await host.powerOn(spec.ownerPid).then(
    () => {
      const { name, subnet, server, dataDir } = host.plan;
      const readyMs = Math.round(performance.now() - startMs);
      say({ ready: true, name, subnet, server, dataDir, pid: process.pid, readyMs });
    },
    (problem: unknown) => {
      if (host.isOff) return;
      fail(problem);
      host.powerOff(messageOf(problem));
    },
  );
  await host.off;
} catch (problem) {
  fail(problem);
}
process.exit();

function fail(problem: unknown): void {
  const hint = problem instanceof BlackstartError ? problem.hint : undefined;
  say({ ready: false, problem: messageOf(problem), ...(hint !== undefined && { hint }) });
  process.exitCode = 1;
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
