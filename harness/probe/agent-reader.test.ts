import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import type { AgentReport } from '../workload/prober/wire.ts';
import { openAgentReader } from './agent-reader.ts';
import { ClockOffset } from './clock-offset.ts';
import type { ProberClient } from './prober-client.ts';
import { SampleStore } from './sample-store.ts';

const report: AgentReport & { readonly atMs: number } = {
  pod: 'telemetry-agent-x',
  node: 'worker',
  mode: 'watch',
  nodes: 500,
  requests: 500,
  ok: 500,
  refused: 0,
  forbidden: 0,
  failed: 0,
  timeouts: 0,
  bytes: 1_000,
  inFlight: 0,
  p50Ms: 3,
  p99Ms: 9,
  atMs: 70_000,
};

/** A node whose clock is 60 s ahead of the run's, and whose prober was told these reports. */
function scene(reports: () => readonly (typeof report)[]) {
  const offset = new ClockOffset();
  offset.add({ askedMs: 10_000, answeredMs: 10_002, nodeMs: 70_001 });
  const events: EventBody[] = [];
  const store = new SampleStore({ lanes: [] }, ['worker']);
  const client = {
    offset,
    reports: async () => ({
      session: 's',
      nowMs: 0,
      reports: Object.fromEntries(reports().map((one) => [one.pod, one])),
    }),
  } as Partial<ProberClient> as ProberClient;
  const reader = openAgentReader({
    node: 'worker',
    client,
    store,
    emit: (event) => events.push(event),
    nowMs: () => 0,
  });
  return { reader, events, store };
}

it('tells every report once, on the clock of the run', async () => {
  let atMs = 70_000;
  const { reader, events, store } = scene(() => [{ ...report, atMs }]);
  await reader.read();
  await reader.read();
  expect(events).toMatchObject([
    { type: 'agent-report', node: 'worker', pod: report.pod, atMs: 10_000, requests: 500 },
  ]);
  atMs = 71_000;
  await reader.read();
  expect(events).toHaveLength(2);
  expect(store.reports('worker')).toMatchObject([{ atMs: 11_000 }]);
  expect(store.reports('worker2')).toEqual([]);
});

it('goes on when the prober cannot be read, and says so', async () => {
  const { reader, events } = scene(() => {
    throw new Error('no answer');
  });
  await reader.read();
  expect(events).toMatchObject([{ type: 'read-failed', node: 'worker', source: 'prober' }]);
});
