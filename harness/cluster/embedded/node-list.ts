import { z } from 'zod';
import { askSocket } from './socket.ts';
import type { StateFolder } from './state-folder.ts';

const nodes = z.array(
  z.object({
    name: z.string(),
    role: z.enum(['control-plane', 'worker']),
    address: z.string(),
    /** Null while its process is gone; the host starts it again. */
    pid: z.number().nullable(),
    paused: z.boolean(),
  }),
);

/** A node, as its host knows it. */
export type EmbeddedNode = Readonly<z.infer<typeof nodes>[number]>;

/** The nodes of a cluster, from its host: works with the API down. */
export async function listNodes(folder: StateFolder): Promise<readonly EmbeddedNode[]> {
  return nodes.parse(await askSocket(folder.hostSocket, 'GET', '/nodes'));
}
