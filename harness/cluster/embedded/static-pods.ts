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

/** Parks static pods by moving their manifests out of the node agent's sight, changes them, and adds others. */
export function nodeStaticPods(node: string, socket: string): StaticPods {
  return {
    park: (name, withinMs): Change => ({
      describe: `park static pod ${name} on ${node}`,
      ...takingAway('park', node, socket, name),
      apply: async () => {
        const body = { withinMs: Math.ceil(withinMs), timer: timerName('park', name) };
        await askSocket(socket, 'POST', `${pathOf(name)}/park`, body);
      },
    }),
    replace: (name, text, withinMs): Change => ({
      describe: `another manifest of static pod ${name} on ${node}`,
      ...takingAway('replace', node, socket, name),
      apply: async () => {
        const body = { manifest: text, withinMs: Math.ceil(withinMs), timer: timerName('replace', name) };
        await askSocket(socket, 'POST', `${pathOf(name)}/replace`, body);
      },
    }),
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

/** What a park and another manifest have in common: the first one is away, and comes back. */
function takingAway(
  what: 'park' | 'replace',
  node: string,
  socket: string,
  name: string,
): Omit<Change, 'describe' | 'apply'> {
  const timer = timerName(what, name);
  const path = pathOf(name);
  const argv = controlCommand(socket, `${path}/restore`, { timer });
  let hashBefore = '';
  return {
    undo: { argv, timeoutMs: socketTimeoutMs },
    needs: 'node',
    snapshot: async () => {
      hashBefore = state.parse(await askSocket(socket, 'GET', path)).hash;
    },
    verify: async () => {
      const command = pasteable(argv);
      const { hash, parked } = state.parse(await askSocket(socket, 'GET', path));
      const problem = hash === '' ? 'its manifest is missing' : 'its manifest is not what it was';
      return [
        ...(hash === hashBefore ? [] : [{ what: `static pod ${name} on ${node}: ${problem}`, command }]),
        ...parked.map((file) => ({ what: `static pod ${name} on ${node}: parked ${file}`, command })),
        ...(await armedTimers(socket, timer, node, command)),
      ];
    },
  };
}

function pathOf(name: string): string {
  return `/static-pods/${encodeURIComponent(name)}`;
}
