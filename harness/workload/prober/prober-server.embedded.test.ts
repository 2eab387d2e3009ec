import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { SampleRow } from '../../core/sample.ts';
import { httpsServer } from '../testing/https-server.ts';
import { createProberServer } from './prober-server.ts';
import type { AgentReport, LaneConfig, ReportsResponse, SamplesResponse, Stamped, StatusResponse } from './wire.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

const call = {
  name: 'call',
  kind: 'api-call',
  rateHz: 50,
  deadlineMs: 2_000,
  url: 'https://a',
  method: 'GET',
  tls: {},
};
const loopback: LaneConfig = { name: 'loopback', kind: 'loopback', rateHz: 100, deadlineMs: 1_000 };

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A prober in this process. */
async function prober(): Promise<string> {
  const server = createProberServer({
    node: 'node-a',
    nodeAddress: '127.0.0.1',
    apiCaFile: '/nonexistent/ca.crt',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close.push(async () => {
    await ask(url, 'POST', '/stop');
    server.closeAllConnections();
    server.close();
  });
  return url;
}

/** The program itself, as a process. */
async function proberProcess(env: Record<string, string> = {}): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { PROBER_PORT: '0', NODE_NAME: 'node-b', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  close.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [, address = ''] = /^prober listens on (127\.0\.0\.1:\d+)$/m.exec(line.toString()) ?? [];
  return { url: `http://${address}`, child };
}

async function ask<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function start(url: string, ...lanes: LaneConfig[]): Promise<StatusResponse> {
  const { nowMs } = await ask<Stamped>(url, 'GET', '/clock');
  return await ask<StatusResponse>(url, 'POST', '/start', { startAtMs: nowMs + 20, lanes });
}

/** Reads a lane until it has so many rows. */
async function rows(url: string, lane: string, atLeast: number): Promise<readonly SampleRow[]> {
  const all: SampleRow[] = [];
  for (let next = 0; all.length < atLeast; await delay(20)) {
    const { lanes } = await ask<SamplesResponse>(url, 'GET', `/samples?${lane}=${next}`);
    all.push(...(lanes[lane]?.rows ?? []));
    next = lanes[lane]?.next ?? next;
  }
  return all;
}

it('samples a lane at its rate, with numbers and due times without a gap', async () => {
  const url = await prober();
  const status = await start(url, loopback);
  expect(status).toMatchObject({ node: 'node-a', lanes: ['loopback'] });
  const samples = await rows(url, 'loopback', 20);
  expect(samples.map(([seq]) => seq)).toEqual(samples.map((_row, index) => index));
  samples.forEach(([, dueMs]) => expect(dueMs % 10).toBeCloseTo((samples[0]?.[1] ?? 0) % 10, 2));
  for (const [, , lagMs, outcome, totalMs, resolveMs, connectMs, requestMs, ttlS] of samples) {
    expect([outcome, resolveMs, ttlS]).toEqual(['ok', -1, -1]);
    expect(totalMs).toBeGreaterThanOrEqual(connectMs);
    expect(Math.min(lagMs, connectMs, requestMs)).toBeGreaterThanOrEqual(0);
  }
});

it('starts every lane a little after the one before, so that they do not fire together', async () => {
  const url = await prober();
  await start(url, loopback, { ...loopback, name: 'second' });
  const [first] = await rows(url, 'loopback', 1);
  const [second] = await rows(url, 'second', 1);
  expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeCloseTo(3, 2);
});

it('tells the hop that failed: nobody resolves, and the service answers 503', async () => {
  const web = createServer((_request, response) => response.writeHead(503).end());
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  close.push(() => web.close());
  const url = await prober();
  const resolver = { address: '127.0.0.1', port: await freePort() };
  const lane = {
    name: 'dns',
    kind: 'resolve',
    rateHz: 50,
    deadlineMs: 500,
    resolver,
    host: 'a.b',
    port: 80,
    path: '/',
  };
  await start(url, lane as LaneConfig);
  const [[, , , outcome, , resolveMs, connectMs] = []] = await rows(url, 'dns', 1);
  expect([outcome, connectMs]).toEqual(['resolve:refused', -1]);
  expect(resolveMs).toBeGreaterThan(0);
});

it('forgets everything and takes a new session at the next start', async () => {
  const url = await prober();
  const first = await start(url, loopback);
  await rows(url, 'loopback', 3);
  const second = await start(url, { ...loopback, name: 'other' });
  expect(second.session).not.toBe(first.session);
  const { lanes, session } = await ask<SamplesResponse>(url, 'GET', '/samples?loopback=0&other=0');
  expect(Object.keys(lanes)).toEqual(['other']);
  expect(session).toBe(second.session);
});

it('sends nothing more after a stop, and what was sampled stays readable', async () => {
  const url = await prober();
  await start(url, loopback);
  await rows(url, 'loopback', 3);
  await ask(url, 'POST', '/stop');
  const before = await rows(url, 'loopback', 1);
  await delay(50);
  expect(await rows(url, 'loopback', 1)).toEqual(before);
});

it.each([
  [{ startAtMs: 0 }, 'lanes'],
  [{ startAtMs: 0, lanes: [{ ...loopback, kind: 'icmp' }] }, "unknown kind 'icmp'"],
  [{ startAtMs: 0, lanes: [{ ...loopback, rateHz: 0 }] }, 'rateHz'],
  [{ startAtMs: 0, lanes: [{ ...loopback, kind: 'https', url: 'https://a' }] }, 'ca.crt'],
  [{ startAtMs: 0, lanes: [{ ...call, url: 'http://a' }] }, 'https address'],
  [{ startAtMs: 0, lanes: [{ ...call, method: 'POST' }] }, 'GET or PATCH'],
  [{ startAtMs: 0, lanes: [{ ...call, tls: undefined }] }, 'tls.ca'],
])('refuses to start with %j', async (body, said) => {
  await expect(ask(await prober(), 'POST', '/start', body)).rejects.toThrow(said);
});

it('refuses a sequence number that is none, and paths that it does not have', async () => {
  const url = await prober();
  await expect(ask(url, 'GET', '/samples?loopback=x')).rejects.toThrow(/400.*'x'/);
  await expect(ask(url, 'GET', '/nothing')).rejects.toThrow('404');
});

it('leaves a gap while the process stands still, and no burst after it', async () => {
  const { url, child } = await proberProcess();
  await start(url, loopback);
  await rows(url, 'loopback', 5);
  child.kill('SIGSTOP');
  await delay(1_300);
  child.kill('SIGCONT');
  const samples = await rows(url, 'loopback', 30);
  const gaps = samples.slice(1).map(([seq, dueMs], index) => [seq - (samples[index]?.[0] ?? 0), dueMs] as const);
  expect(gaps.filter(([step]) => step > 1)).toHaveLength(1);
  expect(Math.max(...gaps.map(([step]) => step))).toBeGreaterThan(120);
  for (const [seq, dueMs] of samples) expect(dueMs).toBeCloseTo((samples[0]?.[1] ?? 0) + seq * 10, 1);
});

it('ends at once with exit code 0 on SIGTERM', async () => {
  const { url, child } = await proberProcess();
  await start(url, loopback);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('calls an API with what the lane itself brings, and takes every 2xx for well', async () => {
  const server = await httpsServer(({ url = '' }, response) => {
    response.writeHead(Number(url.slice(1))).end();
  });
  close.push(() => server.close());
  const { url } = await proberProcess();
  const common = { ...call, deadlineMs: 20_000, kind: 'api-call', method: 'GET', tls: { ca: server.ca } } as const;
  const statuses = ['200', '201', '204', '302', '429'];
  await start(url, ...statuses.map((status) => ({ ...common, name: status, url: `${server.url}/${status}` })));
  for (const status of statuses) {
    const outcomes = (await rows(url, status, 3)).map(([, , , outcome]) => outcome);
    expect(new Set(outcomes)).toEqual(new Set([status.startsWith('2') ? 'ok' : `request:${status}`]));
  }
});

it('ends with its parent when it is told to', async () => {
  const { url, child } = await proberProcess({ PROBER_PARENT_STDIN: '1' });
  await start(url, loopback);
  await rows(url, 'loopback', 1);
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

const report: AgentReport = {
  pod: 'agent-1',
  node: 'node-a',
  mode: 'full-list-quorum',
  nodes: 50,
  requests: 9,
  ok: 4,
  refused: 2,
  forbidden: 1,
  failed: 1,
  timeouts: 1,
  bytes: 1_000_000,
  inFlight: 1,
  p50Ms: 20.5,
  p99Ms: -1,
};

it('keeps the newest report of every agent with its arrival, also over a start', async () => {
  const url = await prober();
  await ask(url, 'POST', '/reports', { ...report, requests: 5 });
  const between = await ask<Stamped>(url, 'POST', '/reports', { ...report, pod: 'agent-2', more: 'is left out' });
  await ask(url, 'POST', '/reports', report);
  await start(url, loopback);
  const { reports, nowMs } = await ask<ReportsResponse>(url, 'GET', '/reports');
  expect(reports).toEqual({
    'agent-1': { ...report, atMs: expect.any(Number) as number },
    'agent-2': { ...report, pod: 'agent-2', atMs: expect.any(Number) as number },
  });
  expect(reports['agent-2']?.atMs).toBeLessThanOrEqual(between.nowMs);
  expect(reports['agent-1']?.atMs).toBeGreaterThan(between.nowMs);
  expect(reports['agent-1']?.atMs).toBeLessThan(nowMs);
});

it('refuses a report that is none or too long, and says why', async () => {
  const url = await prober();
  await expect(ask(url, 'POST', '/reports', { ...report, pod: '' })).rejects.toThrow(/400.*pod must be a text/);
  await expect(ask(url, 'POST', '/reports', { ...report, ok: '4' })).rejects.toThrow(/400.*ok must be a number/);
  await expect(ask(url, 'POST', '/reports', { ...report, mode: 'x'.repeat(9_000) })).rejects.toThrow(/400.*4096 bytes/);
  expect((await ask<ReportsResponse>(url, 'GET', '/reports')).reports).toEqual({});
});
