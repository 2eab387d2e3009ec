import { z } from 'zod';
import type { Containers } from '../cluster.ts';
import { freezeContainer, isContainerFrozen } from './freeze.ts';
import { askSocket } from './socket.ts';

const containers = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    pod: z.string(),
    namespace: z.string(),
    attempt: z.number(),
    state: z.enum(['created', 'running', 'exited', 'unknown']),
    startedAt: z.string(),
  }),
);

/** The containers of a node, by way of its control socket: works with the API down. */
export function nodeContainers(node: string, socket: string): Containers {
  return {
    find: async (name) =>
      containers.parse(await askSocket(socket, 'GET', `/containers?name=${encodeURIComponent(name)}`)),
    stop: async (id) => {
      await askSocket(socket, 'POST', `/containers/${encodeURIComponent(id)}/stop`);
    },
    freeze: (container, withinMs) => freezeContainer({ node, socket, container, withinMs }),
    isFrozen: async (id) => await isContainerFrozen(socket, id),
  };
}
