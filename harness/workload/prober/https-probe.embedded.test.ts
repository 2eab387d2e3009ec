import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { httpsProbe } from './https-probe.ts';

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const cert = selfSigned(keys.publicKey, keys.privateKey);
const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
const close: (() => unknown)[] = [];
afterEach(() => close.splice(0).map((one) => one()));

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
}

/** An HTTPS server; counts its connections. */
async function httpsServer(answer: RequestListener): Promise<{ url: string; connections: () => number }> {
  let count = 0;
  const server = createHttpsServer({ key, cert }, answer);
  server.on('secureConnection', () => count++);
  close.push(() => server.closeAllConnections());
  return { url: await listen(server), connections: () => count };
}

function probeOf(url: string, deadlineMs = 2_000): () => Promise<{ outcome: string; connectMs: number }> {
  const lane = httpsProbe(url, cert, deadlineMs);
  close.push(() => lane.close());
  return lane.probe;
}

it('keeps one connection for probes that follow each other', async () => {
  const { url, connections } = await httpsServer((_request, response) => response.end('ok'));
  const probe = probeOf(url);
  for (let count = 0; count < 4; count++) expect((await probe()).outcome).toBe('ok');
  expect(connections()).toBe(1);
});

it('opens another connection when none is free', async () => {
  const { url, connections } = await httpsServer((_request, response) => setTimeout(() => response.end('ok'), 30));
  const probe = probeOf(url);
  const outcomes = await Promise.all([probe(), probe(), probe()]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(connections()).toBe(3);
});

it('takes only status 200 for well', async () => {
  const statuses = [500, 403, 204];
  const { url } = await httpsServer((_request, response) => {
    response.statusCode = statuses.shift() ?? 200;
    response.end();
  });
  const probe = probeOf(url);
  for (const status of [500, 403, 204]) expect((await probe()).outcome).toBe(`request:${status}`);
  expect((await probe()).outcome).toBe('ok');
});

it('tells a server that hangs after the connection is up', async () => {
  const { url } = await httpsServer(() => undefined);
  expect((await probeOf(url, 300)()).outcome).toBe('request:timeout');
});

it('tells a server that accepts and never speaks TLS, as a stopped process does', async () => {
  const url = await listen(createServer(() => undefined));
  expect((await probeOf(url, 80)()).outcome).toBe('connect:timeout');
});

it('tells a connection that is refused', async () => {
  const url = await listen(createServer());
  await Promise.all(close.splice(0).map((one) => one()));
  expect((await probeOf(url)()).outcome).toBe('connect:refused');
});

it('does not trust a server whose certificate another authority signed', async () => {
  const { url } = await httpsServer((_request, response) => response.end('ok'));
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lane = httpsProbe(url, selfSigned(other.publicKey, other.privateKey), 2_000);
  expect((await lane.probe()).outcome).toMatch(/^connect:[A-Z_]+/);
});

/** The least certificate that TLS takes: version 3, for 127.0.0.1, its own authority. */
function selfSigned(publicKey: KeyObject, privateKey: KeyObject): string {
  const ecdsaSha256 = der(0x30, der(0x06, hex('2a8648ce3d040302')));
  const name = der(0x30, der(0x31, der(0x30, der(0x06, hex('550403')), der(0x0c, Buffer.from('test')))));
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const altName = der(0x30, der(0x06, hex('551d11')), der(0x04, der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])))));
  const isAuthority = der(0x30, der(0x06, hex('551d13')), der(0x04, der(0x30, der(0x01, hex('ff')))));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altName, isAuthority)),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, privateKey));
  const base64 = der(0x30, body, ecdsaSha256, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

/** One ASN.1 value. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
