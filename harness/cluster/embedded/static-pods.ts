import { z } from 'zod';
import { pasteable } from '../../core/command.ts';
import type { Change } from '../../undo/change.ts';
import type { StaticPods } from '../cluster.ts';
import { controlCommand } from './control.ts';
import { askSocket, socketTimeoutMs } from './socket.ts';
import { armedTimers, timerName } from './undo-timer.ts';

const state = z.object({ hash: z.string(), parked: z.array(z.string()) });

/** Parks static pods by moving their manifests out of the node agent's sight. */
export function nodeStaticPods(node: string, socket: string): StaticPods {
  return {
    park: (name, withinMs): Change => {
      const timer = timerName('park', name);
      const path = `/static-pods/${encodeURIComponent(name)}`;
      const argv = controlCommand(socket, `${path}/restore`, { timer });
      let hashBefore = '';
      return {
        describe: `park static pod ${name} on ${node}`,
        undo: { argv, timeoutMs: socketTimeoutMs },
        needs: 'node',
        snapshot: async () => {
          hashBefore = state.parse(await askSocket(socket, 'GET', path)).hash;
        },
        apply: async () => {
          await askSocket(socket, 'POST', `${path}/park`, { withinMs: Math.ceil(withinMs), timer });
        },
        verify: async () => {
          const command = pasteable(argv);
          const { hash, parked } = state.parse(await askSocket(socket, 'GET', path));
          const what = hash === '' ? 'its manifest is missing' : 'its manifest is not what it was';
          return [
            ...(hash === hashBefore ? [] : [{ what: `static pod ${name} on ${node}: ${what}`, command }]),
            ...parked.map((file) => ({ what: `static pod ${name} on ${node}: parked ${file}`, command })),
            ...(await armedTimers(socket, timer, node, command)),
          ];
        },
      };
    },
  };
}
