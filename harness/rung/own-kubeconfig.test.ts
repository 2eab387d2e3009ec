import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call } from './way/call.ts';
import type { Scope } from './context.ts';
import { fakeLadder } from './testing/fake-ladder.ts';
import { WayFailure } from './way-failure.ts';

let folder: string;
let server: Server;
let connections: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-own-'));
  connections = 0;
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function kubeconfig(name: string, address: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: address } }],
      users: [{ name: 'u', user: { token: 'secret' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return path;
}

/** Calls once as the file says. */
async function tried(own: string, ours: string): Promise<unknown> {
  const { context } = fakeLadder();
  const credentials = { admin: kubeconfig('admin.conf', ours), breakGlass: '' };
  const way = { way: 'call', credential: 'break-glass', via: 'address', kubeconfig: own } as const;
  const cluster = { ...context.cluster, credentials };
  const door = await call.climb(way, {} as Scope, { ...context, cluster });
  return await door.call({ method: 'GET', path: '/readyz' }, 2_000);
}

it('a kubeconfig that leads to another cluster is refused before anything is sent', async () => {
  const there = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(tried(kubeconfig('mine.conf', there), 'https://127.0.0.1:1')).rejects.toThrow(
    'mine.conf does not lead to the server of blackstart-test; nothing was sent',
  );
  expect(connections).toBe(0);
});

it('one that leads to ours is used', async () => {
  const there = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(tried(kubeconfig('mine.conf', `${there}/`), there)).rejects.toThrow('GET ');
  expect(connections).toBe(1);
});

it('one that cannot be read is a way in that does not work', async () => {
  await expect(tried(join(folder, 'none.conf'), 'https://127.0.0.1:1')).rejects.toThrow(WayFailure);
});
