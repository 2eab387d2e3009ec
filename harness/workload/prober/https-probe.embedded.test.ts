import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { selfSignedCertificate } from '../testing/certificate.ts';
import { httpsServer, type HttpsServer } from '../testing/https-server.ts';
import { httpsProbe, type HttpsCall } from './https-probe.ts';
import { nodeNowMs } from './node-clock.ts';
import type { Probe } from './outcome.ts';

const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

const { cert, key } = selfSignedCertificate();

async function serve(answer: RequestListener): Promise<HttpsServer> {
  const server = await httpsServer(answer);
  close.push(() => server.close());
  return server;
}

/** A server without TLS. */
async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function probeOf(url: string, ca = cert, deadlineMs = 2_000, more: Partial<HttpsCall> = {}): Probe {
  const call: HttpsCall = { url, method: 'GET', tls: { ca }, isOk: (status) => status === 200, ...more };
  const lane = httpsProbe(call, deadlineMs);
  close.push(() => lane.close());
  return lane.probe;
}

it('keeps one connection for probes that follow each other', async () => {
  const { url, ca, connections } = await serve((_request, response) => response.end('ok'));
  const probe = probeOf(url, ca);
  for (let count = 0; count < 4; count++) expect((await probe()).outcome).toBe('ok');
  expect(connections()).toBe(1);
});

it('opens another connection when none is free', async () => {
  const { url, ca, connections } = await serve((_request, response) => setTimeout(() => response.end('ok'), 30));
  const probe = probeOf(url, ca);
  const outcomes = await Promise.all([probe(), probe(), probe()]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(connections()).toBe(3);
});

it('takes only the statuses for well that it is told', async () => {
  const statuses = [500, 403, 204];
  const { url, ca } = await serve((_request, response) => {
    response.statusCode = statuses.shift() ?? 200;
    response.end();
  });
  const probe = probeOf(url, ca);
  for (const status of [500, 403, 204]) expect((await probe()).outcome).toBe(`request:${status}`);
  expect((await probe()).outcome).toBe('ok');
});

it('tells a server that hangs after the connection is up', async () => {
  const { url, ca } = await serve(() => undefined);
  expect((await probeOf(url, ca, 300)()).outcome).toBe('request:timeout');
});

it('tells a server that accepts and never speaks TLS, as a stopped process does', async () => {
  const url = await listen(createServer(() => undefined));
  expect((await probeOf(url, cert, 80)()).outcome).toBe('connect:timeout');
});

it('tells a connection that is refused', async () => {
  const url = await listen(createServer());
  await Promise.all(close.splice(0).map((one) => one()));
  expect((await probeOf(url)()).outcome).toBe('connect:refused');
});

it('does not trust a server whose certificate another authority signed', async () => {
  const { url } = await serve((_request, response) => response.end('ok'));
  expect((await probeOf(url, cert)()).outcome).toMatch(/^connect:[A-Z_]+/);
});

it('refuses PEM texts that are none before anything is sent', () => {
  expect(() => probeOf('https://127.0.0.1:1', 'no certificate', 100, { tls: { ca: cert, cert, key: 'none' } })).toThrow(
    /PEM|DECODER|no start line|unsupported/i,
  );
});

it('sends a body with the time of sending, as whom the certificate says', async () => {
  const received: { body: string; length: string | undefined; type: string | undefined; client: string }[] = [];
  const server = await httpsServer(
    (request, response) => {
      void Array.fromAsync(request).then((chunks) => {
        const { 'content-length': length, 'content-type': type } = request.headers;
        const client = String((request.socket as TLSSocket).getPeerCertificate().subject.CN ?? '');
        received.push({ body: Buffer.concat(chunks as Buffer[]).toString(), length, type, client });
        response.writeHead(request.method === 'PATCH' ? 200 : 405).end();
      });
    },
    { requestCert: true, rejectUnauthorized: true, ca: cert },
  );
  close.push(() => server.close());
  const patch: Partial<HttpsCall> = {
    method: 'PATCH',
    body: '{"at":"{{now}}","again":"{{now}}"}',
    contentType: 'application/merge-patch+json',
    tls: { ca: server.ca, cert, key },
  };
  const beforeMs = nodeNowMs();
  const probe = probeOf(`${server.url}/x`, server.ca, 2_000, patch);
  for (let count = 0; count < 2; count++) expect((await probe()).outcome).toBe('ok');
  const afterMs = nodeNowMs();

  expect(server.connections()).toBe(1);
  const times = received.map(({ body }) => Number((JSON.parse(body) as { at: string }).at));
  expect(times[0]).toBeGreaterThanOrEqual(Math.floor(beforeMs));
  expect(times[1]).toBeGreaterThan(times[0] ?? Infinity);
  expect(times[1]).toBeLessThanOrEqual(Math.ceil(afterMs));
  for (const { body, length, type, client } of received) {
    expect(body).not.toContain('{{now}}');
    expect([Number(length), type, client]).toEqual([body.length, 'application/merge-patch+json', 'test']);
  }
});
