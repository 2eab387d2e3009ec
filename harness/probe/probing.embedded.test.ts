import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { ApiClient } from '../cluster/client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { systemClock } from '../core/clock.ts';
import type { EventBody } from '../core/events.ts';
import { poll } from '../core/poll.ts';
import type { SampleRow } from '../core/sample.ts';
import type { Plan } from '../plan/plan.ts';
import { cachePorts, proberPort } from '../plan/ports.ts';
import type { StartRequest } from '../workload/prober/wire.ts';
import { startProbing, type Probing } from './probing.ts';

const close: (() => unknown)[] = [];
afterEach(() => Promise.all(close.splice(0).map((one) => one())));

const plan = {
  cluster: { workers: 2, coreDns: 'workers', telemetry: null },
  service: { manifests: null, namespace: 'blackstart', name: 'model-server', port: 80 },
  lanes: [
    { name: 'direct', role: 'reference', rateHz: 50, deadlineMs: 2_000, probe: { kind: 'core-dns' } },
    {
      name: 'subject',
      role: 'subject',
      rateHz: 50,
      deadlineMs: 2_000,
      probe: {
        kind: 'node-dns-cache',
        holdMs: 20_000,
        holdIncidentMs: 1_200_000,
        serveStale: 'verify',
        forward: 'tcp',
        upstream: 'ready',
        ...cachePorts(0),
      },
    },
  ],
} as Partial<Plan> as Plan;

/** A prober without probes: it says what the test wants, on a clock that differs from ours by `aheadMs`. */
class FakeProber {
  readonly aheadMs: number;
  session = 'first';
  rows: SampleRow[] = [];
  starts: StartRequest[] = [];
  stops = 0;
  hangs = false;
  url = '';

  constructor(aheadMs: number) {
    this.aheadMs = aheadMs;
  }

  readonly answer: RequestListener = (request, response) => {
    if (this.hangs) return;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://prober');
    const say = (body: object): void => {
      response.end(JSON.stringify({ session: this.session, nowMs: systemClock.monotonicMs() + this.aheadMs, ...body }));
    };
    if (pathname === '/start') {
      void Array.fromAsync(request).then((chunks) => {
        this.starts.push(JSON.parse(chunks.join('')) as StartRequest);
        say({});
      });
      return;
    }
    if (pathname === '/stop') this.stops++;
    const from = Number(searchParams.get('direct') ?? 0);
    const rows = this.rows.filter(([seq]) => seq >= from);
    const next = (rows.at(-1)?.[0] ?? from - 1) + 1;
    say(pathname === '/samples' ? { lanes: { direct: { rows, next, dropped: 0 } } } : {});
  };
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Scene {
  readonly probing: Probing;
  readonly events: EventBody[];
  readonly probers: readonly [FakeProber, FakeProber];
  readonly nowMs: () => number;
}

async function scene(): Promise<Scene> {
  const probers = [new FakeProber(1_000_000), new FakeProber(-500)] as const;
  for (const prober of probers) prober.url = await serve(prober.answer);
  const cache = await serve((_request, response) => response.end('coredns_cache_served_stale_total{zones="."} 42\n'));
  const names = ['worker-1', 'worker-2'];
  const cluster = {
    nodes: [
      { name: 'control-plane', role: 'control-plane', address: '172.18.0.2' },
      ...names.map((name) => ({ name, role: 'worker', address: '' })),
    ],
    api: { get: async () => ({ spec: { clusterIP: '10.96.0.10' } }) } as unknown as ApiClient,
    nodeUrl: (node: string, port: number) => (port === proberPort ? (probers[names.indexOf(node)]?.url ?? '') : cache),
  } as unknown as Cluster;
  const events: EventBody[] = [];
  const startMs = systemClock.monotonicMs();
  const nowMs = (): number => systemClock.monotonicMs() - startMs;
  const emit = (body: EventBody): void => void events.push(body);
  const { signal } = new AbortController();
  const probing = await startProbing({ plan, cluster, clock: systemClock, nowMs, emit, signal });
  close.push(() => probing.stop());
  return { probing, events, probers, nowMs };
}

const until = async <T>(what: string, attempt: () => T | undefined): Promise<T> =>
  await poll(attempt, { clock: systemClock, intervalMs: 10, timeoutMs: 5_000, what });
const eventsOf = <T extends EventBody['type']>(events: readonly EventBody[], type: T): (EventBody & { type: T })[] =>
  events.filter((event): event is EventBody & { type: T } => event.type === type);
const row = (seq: number, dueMs: number): SampleRow => [seq, dueMs, 0, 'ok', 1, 1, 1, 1, 20];

it('starts all probers at the same instant, each told on its own clock', async () => {
  const { probers, events } = await scene();
  const [[first], [second]] = probers.map((prober) => prober.starts) as [[StartRequest], [StartRequest]];
  const apartMs = first.startAtMs - probers[0].aheadMs - (second.startAtMs - probers[1].aheadMs);
  expect(Math.abs(apartMs)).toBeLessThan(20);
  expect(first.lanes.map((lane) => lane.name)).toEqual(['direct', 'subject']);
  expect(eventsOf(events, 'probing-started')[0]?.nodes).toEqual(['worker-1', 'worker-2']);
});

it('reads samples onto the run clock, each row once', async () => {
  const { probing, probers, events, nowMs } = await scene();
  const atMs = nowMs();
  const nodeMs = systemClock.monotonicMs() + probers[0].aheadMs;
  probers[0].rows = [row(0, nodeMs), row(1, nodeMs + 20)];
  await until('two samples', () => probing.store.success('direct', 0).samples === 2 || undefined);
  expect(Math.abs((probing.store.firstSampleMs('direct', 'worker-1') ?? 0) - atMs)).toBeLessThan(20);
  probers[0].rows.push(row(2, nodeMs + 40));
  await until('the third sample', () => probing.store.success('direct', 0).samples === 3 || undefined);
  const samples = eventsOf(events, 'samples');
  expect(samples.map(({ node, session, rows }) => [node, session, rows.length])).toEqual([
    ['worker-1', 'first', 2],
    ['worker-1', 'first', 1],
  ]);
  expect(samples[0]?.errorMs).toBeGreaterThanOrEqual(0);
});

it('goes on reading the other node while one prober hangs, and says so at most once a second', async () => {
  const { probing, probers, events } = await scene();
  probers[0].hangs = true;
  await until('the first failed read', () => eventsOf(events, 'read-failed')[0]);
  const readBefore = probing.store.success('direct', 0).samples;
  probers[1].rows = [row(0, 0)];
  const startMs = systemClock.monotonicMs();
  await until(
    'a sample of the other node',
    () => probing.store.success('direct', -1e9).samples > readBefore || undefined,
  );
  expect(systemClock.monotonicMs() - startMs).toBeLessThan(900);
  const [failed] = eventsOf(events, 'read-failed');
  expect(failed).toMatchObject({ node: 'worker-1', source: 'prober' });
  expect(failed?.message).toContain('no answer within 1000 ms');
  probers[0].hangs = false;
});

it('starts the lanes again on a prober that was restarted', async () => {
  const { probers, events } = await scene();
  probers[0].session = 'second';
  await until('a second start', () => probers[0].starts[1]);
  expect(eventsOf(events, 'read-failed')[0]?.message).toContain('was restarted');
  probers[0].rows = [row(0, 0)];
  const samples = await until('samples of the new session', () => eventsOf(events, 'samples')[0]);
  expect(samples.session).toBe('second');
  expect(probers[1].starts).toHaveLength(1);
});

it('reads every cache by its own metrics', async () => {
  const { events } = await scene();
  await until('both caches', () => eventsOf(events, 'cache-read').length >= 2 || undefined);
  expect(eventsOf(events, 'cache-read').slice(0, 2)).toEqual([
    { type: 'cache-read', node: 'worker-1', lane: 'subject', servedStale: 42 },
    { type: 'cache-read', node: 'worker-2', lane: 'subject', servedStale: 42 },
  ]);
});

it('reads a last time when it is stopped, and then no more', async () => {
  const { probing, probers, events } = await scene();
  probers[0].rows = [row(0, 0)];
  await probing.stop();
  expect(probing.store.success('direct', -1e9).samples).toBe(1);
  expect(probers.map((prober) => prober.stops)).toEqual([1, 1]);
  const count = events.length;
  probers[0].rows.push(row(1, 20));
  await probing.stop();
  expect(events).toHaveLength(count);
});
