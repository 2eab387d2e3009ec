import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { BlackstartError } from '../../core/errors.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import { startAgent } from './agent.ts';
import { stagePrograms } from './programs.ts';

/**
 * A node of the stage: `main.ts --node NAME --data DATA --address 127.C.0.K --role control-plane|worker`. Ends,
 * with all its pods, when its standard input closes or on SIGTERM.
 */
async function main(): ReturnType<typeof startAgent> {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({ options: { node: string, data: string, address: string, role: string } });
  const { node: name, data, address, role } = values;
  if (!name || !data || !address || (role !== 'control-plane' && role !== 'worker')) {
    throw new BlackstartError('usage', '--node, --data, --address and --role control-plane|worker are needed');
  }
  const folder = join(data, 'nodes', name);
  const connection = readKubeconfig(join(folder, 'kubelet.conf'));
  return await startAgent({
    name,
    role,
    address,
    folder,
    client: openClient({ ...connection, userAgent: `kubelet/v1.34.0 (${name})` }),
    clock: systemClock,
    programs: stagePrograms,
    onProblem: say,
  });
}

let said = '';

/** One line; not again while nothing else was said, as in an outage. */
function say(message: string): void {
  if (message === said) return;
  said = message;
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}

let stop: (() => Promise<void>) | undefined;

function end(code: number): never {
  void stop?.();
  process.exit(code);
}

function fail(problem: unknown): never {
  say(inspect(problem));
  end(1);
}

process.stdin.on('end', () => end(0)).on('error', () => end(0));
process.stdin.resume();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(0));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail);
try {
  stop = await main();
  // The next process starts sooner and smaller; one that is killed would not write it.
  flushCompileCache();
} catch (problem) {
  fail(problem);
}
