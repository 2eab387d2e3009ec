/** The host of a cluster: `main.ts --spec FILE`. Prints one line of JSON when the cluster is ready, or why not. */
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import type { HostSpec } from './plan.ts';

// Every program of the cluster starts quicker when it need not be compiled; the environment tells them of the folder.
const cache =
  process.env['NODE_COMPILE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'blackstart');
enableCompileCache(cache);
process.env['NODE_COMPILE_CACHE'] = cache;

const startMs = performance.now();
try {
  const { Host } = await import('./host.ts');
  const { spec: file = '' } = parseArgs({ options: { spec: { type: 'string' } } }).values;
  const spec = JSON.parse(readFileSync(file, 'utf8')) as HostSpec;
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

/** Also on standard error, which is the log that people are shown. */
function fail(problem: unknown): void {
  const hint = (problem instanceof BlackstartError && problem.hint) || '';
  process.stderr.write(`${messageOf(problem)}\n${hint}\n`);
  say({ ready: false, problem: messageOf(problem), hint });
  process.exitCode = 1;
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
