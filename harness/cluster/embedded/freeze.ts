import { z } from 'zod';
import { pasteable } from '../../core/command.ts';
import type { Change } from '../../undo/change.ts';
import type { NodeContainer } from '../cluster.ts';
import { controlCommand } from './control.ts';
import { askSocket, socketTimeoutMs } from './socket.ts';
import { armedTimers, timerName } from './undo-timer.ts';

const frozen = z.object({ frozen: z.boolean() });

interface FreezeOptions {
  readonly node: string;
  readonly socket: string;
  readonly container: NodeContainer;
  readonly withinMs: number;
}

/** SIGSTOP for every process of a container; its undo is SIGCONT. */
export function freezeContainer({ node, socket, container, withinMs }: FreezeOptions): Change {
  const { id, name } = container;
  const timer = timerName('freeze', id.slice(0, 12));
  const path = `/containers/${encodeURIComponent(id)}`;
  const argv = controlCommand(socket, `${path}/thaw`, { timer });
  return {
    describe: `freeze container ${name} (${id.slice(0, 12)}) on ${node}`,
    undo: { argv, timeoutMs: socketTimeoutMs },
    needs: 'node',
    // Nothing to remember: before, every process runs.
    snapshot: async () => {},
    apply: async () => {
      await askSocket(socket, 'POST', `${path}/freeze`, { withinMs: Math.ceil(withinMs), timer });
    },
    verify: async () => {
      const command = pasteable(argv);
      const stopped = (await isContainerFrozen(socket, id))
        ? [{ what: `container ${name} on ${node} is frozen`, command }]
        : [];
      return [...stopped, ...(await armedTimers(socket, timer, node, command))];
    },
  };
}

/** True when every process of the container stands still. */
export async function isContainerFrozen(socket: string, id: string): Promise<boolean> {
  return frozen.parse(await askSocket(socket, 'GET', `/containers/${encodeURIComponent(id)}/frozen`)).frozen;
}
