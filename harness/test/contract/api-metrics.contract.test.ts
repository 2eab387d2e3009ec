import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { EventBody } from '../../core/events.ts';
import { apiMetricsReader, type ApiMetricsReader } from '../../probe/api-metrics-reader.ts';
import { openClient, openScope } from './api-scope.ts';
import { administrator } from './api-server.ts';

type Read = Extract<EventBody, { type: 'api-metrics'; reachable: true }>;

/** What the harness picks from /metrics, by the names that the real server uses. */
describe.each(inject('apiServers'))('$name: metrics', (server) => {
  const { call } = openScope(server, 'contract-metrics');
  const told: EventBody[] = [];
  let reader: ApiMetricsReader;

  beforeAll(async () => {
    const { cert, key } = await administrator(server.ca);
    const signIn = { server: server.url, tls: { ca: server.ca.cert, cert, key } };
    reader = apiMetricsReader(
      signIn,
      (event) => told.push(event),
      () => performance.now(),
    );
  });

  afterAll(() => reader.close());

  async function read(): Promise<Read> {
    await reader.read();
    const last = told.at(-1);
    if (last?.type === 'api-metrics' && last.reachable) return last;
    throw new Error(JSON.stringify(last));
  }

  test('CPU time goes on, and requests in flight are told by kind', async () => {
    const before = await read();
    expect(before.cpuS).toBeGreaterThan(0);
    for (let count = 0; count < 20; count++) await call('GET', '/api/v1/pods');
    const after = await read();
    expect(after.cpuS).toBeGreaterThan(before.cpuS ?? 0);
    expect(Object.keys(after.inFlight)).toEqual(expect.arrayContaining(['readOnly']));
    expect(after.bytes).toBeGreaterThan(1_000);
  });

  test('LISTs are counted by resource, with their durations', async () => {
    await call('GET', '/api/v1/pods');
    const before = await read();
    for (let count = 0; count < 5; count++) await call('GET', '/api/v1/pods');
    const after = await read();
    const [pods, earlier] = [after.lists['pods'], before.lists['pods']];
    // Other tests list pods at the same time.
    expect(pods?.count).toBeGreaterThanOrEqual((earlier?.count ?? 0) + 5);
    expect(pods?.totalS).toBeGreaterThan(earlier?.totalS ?? 0);
  });

  test('flow control is told by level', async () => {
    const client = await openClient(server, 'system:serviceaccount:x:y', ['system:serviceaccounts']);
    const before = await read();
    for (let count = 0; count < 3; count++) await client.call('GET', '/api/v1/pods');
    client.close();
    const after = await read();
    const [level, earlier] = [after.levels['workload-low'], before.levels['workload-low']];
    expect(level?.waits).toBeGreaterThanOrEqual((earlier?.waits ?? 0) + 3);
    expect([level?.rejected, level?.queued]).toEqual([0, 0]);
  });
});
