import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { apiMetricsReader } from './api-metrics-reader.ts';

const pem = (name: string): string => readFileSync(join(import.meta.dirname, '../cluster/test-tls', name), 'utf8');
const own = { cert: pem('cert.pem'), key: pem('key.pem') };
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A reader of a server that answers like this, and what it told. */
async function scene(answer: RequestListener) {
  const server = createServer(own, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const events: EventBody[] = [];
  const signIn = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tls: { ca: own.cert, ...own },
  };
  const reader = apiMetricsReader(
    signIn,
    (event) => events.push(event),
    () => performance.now(),
  );
  opened.push(reader, { close: () => server.closeAllConnections() }, server);
  return { reader, events, server };
}

it('every read tells the counters as they are, and how much there was to read', async () => {
  let cpuS = 1;
  const asked: (string | undefined)[] = [];
  const { reader, events } = await scene((request, response) => {
    asked.push(request.url);
    response.write('process_cpu_sec');
    response.end(`onds_total ${cpuS++}\n`);
  });
  await reader.read();
  await reader.read();
  expect(events).toMatchObject([
    { type: 'api-metrics', reachable: true, bytes: 28, cpuS: 1 },
    { type: 'api-metrics', reachable: true, bytes: 28, cpuS: 2 },
  ]);
  expect(asked).toEqual(['/metrics', '/metrics']);
});

it('a server that refuses, or is gone, is not reachable: a state, and no counters', async () => {
  const { reader, events, server } = await scene((_request, response) => {
    response.statusCode = 429;
    response.end('process_cpu_seconds_total 5\n');
  });
  await reader.read();
  server.closeAllConnections();
  server.close();
  await reader.read();
  expect(events).toEqual([
    { type: 'api-metrics', reachable: false, message: 'status 429' },
    { type: 'api-metrics', reachable: false, message: expect.any(String) as string },
  ]);
});

it('an answer that breaks off in the middle counts as none', async () => {
  const { reader, events } = await scene((_request, response) => {
    response.write('process_cpu_seconds_total 5\n', () => response.destroy());
  });
  await reader.read();
  expect(events).toMatchObject([{ type: 'api-metrics', reachable: false }]);
});
