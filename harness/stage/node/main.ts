import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import { startAgent, type Agent } from './agent.ts';

/**
 * A node of the stage: `main.ts --node NAME --data DATA --address IP --index K --role control-plane|worker`. Ends, with all
 * its pods, when its standard input closes or on SIGTERM.
 */
async function main(): Promise<Agent> {
  const { node, data, address, index, role } = parseArgs({
    options: {
      node: { type: 'string' },
      data: { type: 'string' },
      address: { type: 'string' },
      index: { type: 'string' },
      role: { type: 'string' },
    },
  }).values;
  const isRole = role === 'control-plane' || role === 'worker';
  if (!node || !data || !address || !/^\d+$/.test(index ?? '') || !isRole) {
    throw new BlackstartError('usage', '--node, --data, --address, --index and --role control-plane|worker are needed');
  }
  const folder = join(data, 'nodes', node);
  return await startAgent({
    name: node,
    role,
    address,
    index: Number(index),
    folder,
    client: openClient({ ...readKubeconfig(join(folder, 'kubelet.conf')), userAgent: `kubelet/v1.34.0 (${node})` }),
    clock: systemClock,
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

let agent: Agent | undefined;

function end(code: number): never {
  void agent?.stop();
  process.exit(code);
}

process.stdin.on('end', () => end(0)).on('error', () => end(0));
process.stdin.resume();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(0));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (problem: unknown) => {
    say(problem instanceof Error ? (problem.stack ?? problem.message) : String(problem));
    end(1);
  });
}

try {
  agent = await main();
  // The next process starts sooner and smaller; one that is killed would not write it.
  flushCompileCache();
} catch (problem) {
  say(messageOf(problem));
  end(1);
}
