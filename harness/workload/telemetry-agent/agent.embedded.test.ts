import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AgentReport } from '../prober/wire.ts';
import { httpsServer } from '../testing/https-server.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

/** Stands for the API and for the prober. */
class Surroundings {
  readonly events = new EventEmitter();
  readonly paths: string[] = [];
  readonly reports: AgentReport[] = [];
  readonly #answer: RequestListener;

  constructor(answer: RequestListener) {
    this.#answer = answer;
  }

  readonly api: RequestListener = (request, response) => {
    this.paths.push(request.url ?? '');
    this.events.emit('change');
    this.#answer(request, response);
  };

  readonly prober: RequestListener = (request, response) => {
    void Array.fromAsync(request).then((chunks) => {
      if (request.url === '/reports') this.reports.push(JSON.parse(chunks.join('')) as AgentReport);
      response.end('{}');
      this.events.emit('change');
    });
  };

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.events, 'change');
  }
}

interface Started {
  readonly surroundings: Surroundings;
  readonly child: ChildProcess;
  readonly metrics: () => Promise<string>;
  readonly lines: string[];
}

/** The program itself, beside an API that answers so. */
async function startAgent(
  config: object,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Started> {
  const surroundings = new Surroundings(answer);
  const api = await httpsServer(surroundings.api);
  const prober = createServer(surroundings.prober).listen(0, '127.0.0.1');
  await once(prober, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-agent-'));
  writeFileSync(join(folder, 'token'), 'secret\n');
  writeFileSync(join(folder, 'ca.crt'), api.ca);
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: {
      AGENT_CONFIG: JSON.stringify(config),
      API_SERVER: api.url,
      SA_DIR: folder,
      POD_NAME: 'agent-1',
      NODE_NAME: 'worker',
      POD_IP: '127.0.0.1',
      METRICS_PORT: '0',
      HOST_IP: '127.0.0.1',
      PROBER_PORT: String((prober.address() as AddressInfo).port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  close.push(() => {
    child.kill('SIGKILL');
    api.close();
    prober.closeAllConnections();
    prober.close();
    rmSync(folder, { recursive: true });
  });
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.trimEnd().split('\n'));
    surroundings.events.emit('change');
  });
  await surroundings.until(() => lines.some((line) => line.includes('metrics on')));
  const [, address = ''] = /metrics on (\S+)$/m.exec(lines.join('\n')) ?? [];
  return { surroundings, child, lines, metrics: async () => await (await fetch(`http://${address}/metrics`)).text() };
}

/** Lines about what was done. */
function jsonLines(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('{'));
}

const list = { mode: 'full-list-quorum', intervalMs: 20, timeoutMs: 20_000, retry: 'none' };

it('lists at its interval, and tells the prober and Prometheus how that went', async () => {
  const codes = [200, 429, 403, 500];
  const { surroundings, metrics } = await startAgent(list, (_request, response) => {
    response.writeHead(codes.shift() ?? 200).end('x'.repeat(50));
  });
  await surroundings.until(() => (surroundings.reports.at(-1)?.ok ?? 0) >= 3);
  expect(new Set(surroundings.paths)).toEqual(new Set(['/api/v1/pods']));
  const report = surroundings.reports.at(-1);
  expect(report).toMatchObject({ pod: 'agent-1', node: 'worker', mode: 'full-list-quorum', nodes: 1 });
  expect(report).toMatchObject({ refused: 1, forbidden: 1, failed: 1, timeouts: 0 });
  expect(report?.requests).toBe((report?.ok ?? 0) + 3 + (report?.inFlight ?? 0));
  expect(report?.p99Ms).toBeGreaterThanOrEqual(report?.p50Ms ?? Infinity);
  expect(report?.bytes).toBeGreaterThanOrEqual(50 * 6);
  const text = await metrics();
  expect(text).toContain('blackstart_agent_requests_total{mode="full-list-quorum",code="429"} 1\n');
  expect(text).toContain('blackstart_agent_requests_total{mode="full-list-quorum",code="403"} 1\n');
});

it('writes one line for each cycle when it stands for its own node only', async () => {
  const { surroundings, lines } = await startAgent(list, (_request, response) => response.end('x'.repeat(50)));
  await surroundings.until(() => jsonLines(lines).length >= 3);
  for (const line of jsonLines(lines).slice(0, 3)) {
    expect(JSON.parse(line)).toMatchObject({ mode: list.mode, node: 'worker', code: '200', bytes: 50, retries: 0 });
  }
});

it('stands for many nodes with a connection each, and writes one line for all of them', async () => {
  const sockets = new Map<unknown, Set<string>>();
  const config = { ...list, mode: 'node-list-rv0', nodes: 12 };
  const { surroundings, lines } = await startAgent(config, ({ socket, url }, response) => {
    sockets.set(socket, (sockets.get(socket) ?? new Set()).add(url ?? ''));
    response.end('{}');
  });
  const wanted = [
    'worker',
    ...Array.from({ length: 11 }, (_, i) => `blackstart-fake-${String(i + 1).padStart(4, '0')}`),
  ];
  await surroundings.until(() => new Set(surroundings.paths).size >= 12);
  const asked = [...new Set(surroundings.paths)].toSorted();
  expect(asked).toEqual(
    wanted.map((name) => `/api/v1/pods?resourceVersion=0&fieldSelector=spec.nodeName%3D${name}`).toSorted(),
  );
  expect(sockets.size).toBe(12);
  for (const paths of sockets.values()) expect(paths.size).toBe(1);
  await surroundings.until(() => jsonLines(lines).length >= 1);
  expect(JSON.parse(jsonLines(lines)[0] ?? '')).toMatchObject({ nodes: 12, refused: 0 });
});

it.each([1, 3])('has no more than %i requests of a node in flight', async (concurrency) => {
  const { surroundings } = await startAgent({ ...list, concurrency }, () => undefined);
  await surroundings.until(() => surroundings.reports.length >= 3);
  expect(surroundings.paths).toHaveLength(concurrency);
  expect(surroundings.reports.at(-1)).toMatchObject({ requests: concurrency, inFlight: concurrency, p50Ms: -1 });
});

it('counts time-outs', async () => {
  const { surroundings } = await startAgent({ ...list, timeoutMs: 50 }, () => undefined);
  await surroundings.until(() => (surroundings.reports.at(-1)?.timeouts ?? 0) >= 2);
  const { failed, timeouts, ok } = surroundings.reports.at(-1) ?? {};
  expect([failed, ok]).toEqual([timeouts, 0]);
});

it('honors Retry-After, or sends again at once', async () => {
  const atMs: number[] = [];
  const answer: RequestListener = (_request, response) => {
    atMs.push(performance.now());
    if (atMs.length % 2 === 1) response.writeHead(429, { 'retry-after': '1' });
    response.end('{}');
  };
  // The ticks that pass while the first cycle waits find it in flight.
  const polite = await startAgent({ ...list, retry: 'after' }, answer);
  await polite.surroundings.until(() => jsonLines(polite.lines).length >= 1);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
  expect(JSON.parse(jsonLines(polite.lines)[0] ?? '')).toMatchObject({ code: '200', retries: 1 });
  close.splice(0).map((one) => one());

  atMs.length = 0;
  const rude = await startAgent({ ...list, intervalMs: 500, retry: 'at-once' }, answer);
  await rude.surroundings.until(() => jsonLines(rude.lines).length >= 1);
  expect(JSON.parse(jsonLines(rude.lines)[0] ?? '')).toMatchObject({ code: '200', retries: 1 });
});

it('lists once, then watches from there on, and counts the lines', async () => {
  let watcher: ServerResponse | undefined;
  const { surroundings, metrics } = await startAgent({ ...list, mode: 'watch' }, ({ url = '' }, response) => {
    if (url.includes('watch=1')) {
      watcher = response;
      response.flushHeaders();
    } else {
      response.end('{"apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":[]}');
    }
  });
  await surroundings.until(() => (surroundings.reports.at(-1)?.ok ?? 0) === 2);
  const [listed, watched = ''] = surroundings.paths;
  expect(listed).toBe('/api/v1/pods?resourceVersion=0&fieldSelector=spec.nodeName%3Dworker');
  const query = new URL(watched, 'https://api').searchParams;
  expect([query.get('watch'), query.get('resourceVersion')]).toEqual(['1', '4711']);
  const before = surroundings.reports.at(-1)?.bytes ?? 0;
  watcher?.write('{"type":"ADDED"}\n{"type":');
  watcher?.write('"DELETED"}\n');
  await surroundings.until(() => (surroundings.reports.at(-1)?.bytes ?? 0) >= before + 36);
  expect(surroundings.reports.at(-1)).toMatchObject({ requests: 2, inFlight: 0 });
  expect(await metrics()).toContain('blackstart_agent_watch_events_total{mode="watch"} 2\n');
  expect(surroundings.paths).toHaveLength(2);
});

it('lists and watches anew, after a pause, when a watch ends or is refused', async () => {
  const atMs: number[] = [];
  const { surroundings } = await startAgent({ ...list, mode: 'watch' }, ({ url = '' }, response) => {
    const isWatch = url.includes('watch=1');
    if (!isWatch) atMs.push(performance.now());
    response.writeHead(isWatch && atMs.length === 1 ? 429 : 200).end('{"metadata":{"resourceVersion":"1"}}');
  });
  await surroundings.until(() => atMs.length >= 3);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(790);
  expect((atMs[2] ?? 0) - (atMs[1] ?? 0)).toBeGreaterThanOrEqual(1_590);
});

it('goes on when the API breaks every connection, and ends at once on SIGTERM', async () => {
  const { child, lines, surroundings } = await startAgent(list, (request) => request.socket.destroy());
  await surroundings.until(() => lines.filter((line) => line.includes('ECONNRESET')).length >= 3);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('ends with exit code 64 and every problem in one line', async () => {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    env: { AGENT_CONFIG: '{"mode":"lists"}', API_SERVER: 'http://a', SA_DIR: '/nonexistent', PROBER_PORT: 'x' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = Array.fromAsync(child.stderr);
  expect(await once(child, 'exit')).toEqual([64, null]);
  const text = (await said).join('');
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  for (const part of [
    'telemetry-agent: AGENT_CONFIG: mode must be one of',
    'AGENT_CONFIG: intervalMs must be',
    'SA_DIR has no service account',
    'POD_NAME is missing',
    'HOST_IP is missing',
    `PROBER_PORT must be a port; it is 'x'`,
    `API_SERVER must be an https address; it is 'http://a'`,
  ]) {
    expect(text).toContain(part);
  }
});
