import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { NodeFreezer } from '../cluster.ts';
import { controlCommand } from './control.ts';
import { listNodes } from './node-list.ts';
import { askSocket, socketTimeoutMs } from './socket.ts';
import type { StateFolder } from './state-folder.ts';

/** SIGSTOP for every process of a node, its timers with them, so only the host can undo it. */
export function nodeFreezer(folder: StateFolder): NodeFreezer {
  return {
    pause: (node) => {
      const path = `/nodes/${encodeURIComponent(node)}`;
      const argv = controlCommand(folder.hostSocket, `${path}/unpause`);
      return {
        describe: `pause node ${node}`,
        undo: { argv, timeoutMs: socketTimeoutMs },
        needs: 'node',
        snapshot: async () => {
          if (await isPaused(folder, node)) throw new BlackstartError('cluster', `Node ${node} is already paused`);
        },
        apply: async () => {
          await askSocket(folder.hostSocket, 'POST', `${path}/pause`);
        },
        verify: async () =>
          (await isPaused(folder, node)) ? [{ what: `node ${node} is paused`, command: pasteable(argv) }] : [],
      };
    },
    isPaused: async (node) => await isPaused(folder, node),
  };
}

async function isPaused(folder: StateFolder, node: string): Promise<boolean> {
  const found = (await listNodes(folder)).find((one) => one.name === node);
  if (!found) throw new BlackstartError('internal', `The cluster has no node ${node}`);
  return found.paused;
}
