import { z } from 'zod';
import { pasteable } from '../../core/command.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { Change } from '../../undo/change.ts';
import type { StaticPods } from '../cluster.ts';
import { controlCommand } from './control.ts';
import { askSocket, socketTimeoutMs } from './socket.ts';
import { armedTimers, timerName } from './undo-timer.ts';

const state = z.object({ hash: z.string(), parked: z.array(z.string()) });
const manifest = z.object({ manifest: z.string() });

/** Parks static pods by moving their manifests out of the node agent's sight, and adds others. */
export function nodeStaticPods(node: string, socket: string): StaticPods {
  return {
    park: (name, withinMs): Change => {
      const timer = timerName('park', name);
      const path = pathOf(name);
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
    read: async (name) => manifest.parse(await askSocket(socket, 'GET', `${pathOf(name)}/manifest`)).manifest,
    add: (name, text, withinMs): Change => {
      const timer = timerName('add', name);
      const argv = controlCommand(socket, `${pathOf(name)}/remove`, { timer });
      return {
        describe: `add static pod ${name} on ${node}`,
        undo: { argv, timeoutMs: socketTimeoutMs },
        needs: 'node',
        snapshot: async () => {
          const { hash } = state.parse(await askSocket(socket, 'GET', pathOf(name)));
          if (hash !== '') throw new BlackstartError('cluster', `There is already a static pod ${name} on ${node}`);
        },
        apply: async () => {
          const body = { manifest: text, withinMs: Math.ceil(withinMs), timer };
          await askSocket(socket, 'POST', `${pathOf(name)}/add`, body);
        },
        verify: async () => {
          const command = pasteable(argv);
          const { hash } = state.parse(await askSocket(socket, 'GET', pathOf(name)));
          return [
            ...(hash === '' ? [] : [{ what: `static pod ${name} on ${node}`, command }]),
            ...(await armedTimers(socket, timer, node, command)),
          ];
        },
      };
    },
  };
}

function pathOf(name: string): string {
  return `/static-pods/${encodeURIComponent(name)}`;
}
