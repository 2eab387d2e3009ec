import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { BlackstartError } from '../../core/errors.ts';

/** C of all addresses of a cluster. */
const subnets = Array.from({ length: 239 }, (_, index) => 16 + index);

/** Takes a free subnet for one cluster, for as long as this process lives. */
export async function takeSubnet(): Promise<number> {
  // Not always the lowest: what is left of a cluster that was killed a moment ago may still end.
  const start = Math.floor(Math.random() * subnets.length);
  for (const subnet of [...subnets.slice(start), ...subnets.slice(0, start)]) {
    if (await lockSubnet(subnet)) return subnet;
  }
  throw new BlackstartError('environment', `Every subnet from 127.${subnets[0]} on is in use`, {
    hint: 'End clusters that are not needed any more.',
  });
}

/**
 * False when somebody has it. The lock is a socket with an abstract name: it has no file, holds for everyone who shares
 * the loopback network, and goes with this process, however that ends.
 */
export async function lockSubnet(subnet: number): Promise<boolean> {
  const lock = await tryListen({ path: `\0blackstart-subnet-${subnet}` });
  const api = lock && (await tryListen({ host: `127.${subnet}.0.1`, port: 6443 }));
  api?.close();
  if (!api) lock?.close();
  return api !== undefined;
}

async function tryListen(where: { path: string } | { host: string; port: number }): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(where);
    await once(server, 'listening');
    return server.unref();
  } catch {
    return undefined;
  }
}
