import { fileURLToPath } from 'node:url';
import { pasteable, type Run } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { NodeFreezer } from '../cluster.ts';
import { nodeTimeoutMs, plainName } from './node-script.ts';

const unpauseProgram = fileURLToPath(new URL('./unpause.ts', import.meta.url));

/** `docker pause`: every process of a node stands still, timers too, so only the host can undo it. */
export function nodeFreezer(nodes: readonly string[], run: Run): NodeFreezer {
  return {
    pause: (node) => {
      if (!nodes.includes(node)) throw new BlackstartError('internal', `The cluster has no node ${node}`);
      return {
        describe: `pause node ${node}`,
        // `docker unpause` fails for a node that runs; this program does not, so it may be run twice.
        undo: { argv: [process.execPath, unpauseProgram, plainName(node)], timeoutMs: nodeTimeoutMs },
        needs: 'node',
        snapshot: async () => {
          if (await isPaused(node, run)) throw new BlackstartError('cluster', `Node ${node} is already paused`);
        },
        apply: async () => {
          await run(['docker', 'pause', node], { timeoutMs: nodeTimeoutMs });
        },
        verify: async () => {
          const command = pasteable(['docker', 'unpause', node]);
          return (await isPaused(node, run)) ? [{ what: `node ${node} is paused`, command }] : [];
        },
      };
    },
    isPaused: async (node) => await isPaused(node, run),
  };
}

async function isPaused(node: string, run: Run): Promise<boolean> {
  const inspect = ['docker', 'inspect', '--type', 'container', '--format', '{{.State.Paused}}', node];
  return (await run(inspect, { timeoutMs: nodeTimeoutMs })).stdout.trim() === 'true';
}
