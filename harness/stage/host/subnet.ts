import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { BlackstartError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { subnets } from './plan.ts';

export interface TakenSubnet {
  readonly subnet: number;
  readonly release: () => void;
}

/**
 * Takes a subnet for one cluster. The lock is a socket with an abstract name: it has no file, holds for everyone who shares
 * the loopback network, and goes with this process, however that ends.
 */
export async function takeSubnet(wanted: number | undefined, random: Random): Promise<TakenSubnet> {
  const count = subnets.last - subnets.first + 1;
  // Not always the lowest: what is left of a cluster that was killed a moment ago may still end.
  const start = Math.floor(random.next() * count);
  const all = Array.from({ length: count }, (_, index) => subnets.first + ((start + index) % count));
  for (const subnet of wanted === undefined ? all : [wanted]) {
    const lock = await tryListen({ path: `\0blackstart-subnet-${subnet}` });
    if (!lock) continue;
    const api = await tryListen({ host: `127.${subnet}.0.1`, port: 6443 });
    api?.close();
    if (api) return { subnet, release: () => lock.close() };
    lock.close();
  }
  const which = wanted === undefined ? `Every subnet from 127.${subnets.first} on` : `The subnet 127.${wanted}`;
  throw new BlackstartError('environment', `${which} is in use`, {
    hint: 'End clusters that are not needed any more.',
  });
}

/** Throws `environment` when this user may not open the ports below 1024 that Services have: DNS is at 53. */
export async function requireLowPorts(address: string): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(53, address);
    await once(server, 'listening');
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'EACCES') return;
    throw new BlackstartError('environment', 'This user may not open port 53', {
      hint: 'Type: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=0',
      cause: problem,
    });
  } finally {
    server.close();
  }
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
