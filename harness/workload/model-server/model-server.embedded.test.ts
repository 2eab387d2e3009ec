import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createModelServer } from './model-server.ts';

it('says which pod on which node answered', async () => {
  const server = createModelServer({ pod: 'model-server-1', node: 'worker-1' }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await (await fetch(`${url}/`)).json()).toEqual({ pod: 'model-server-1', node: 'worker-1' });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/other`)).status).toBe(404);
  expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(405);
  server.closeAllConnections();
  server.close();
});

it('still answers for a moment after SIGTERM, then ends with exit code 0', async () => {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = /port (\d+)/.exec(line.toString())?.[1];
  child.kill('SIGTERM');
  expect((await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).status).toBe(200);
  expect(await once(child, 'exit')).toEqual([0, null]);
});
