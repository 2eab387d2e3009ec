import { sign, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { clientCertificate, createPki, kubeconfig, type KeyPair } from './pki.ts';

let folder: string;
let ca: KeyPair;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-pki-'));
  ca = await createPki(folder, {
    apiAddress: '127.77.0.1',
    serviceAddress: '127.77.200.1',
    names: ['x-control-plane'],
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

it('names the API server by all its addresses and by the names of its Service', () => {
  const server = new X509Certificate(read('apiserver.crt'));
  const names = (server.subjectAltName ?? '').split(', ');
  expect(names).toEqual(
    expect.arrayContaining([
      'IP Address:127.77.0.1',
      'IP Address:127.77.200.1',
      'DNS:x-control-plane',
      'DNS:kubernetes',
    ]),
  );
  expect(names).toContain('DNS:kubernetes.default.svc.cluster.local');
  expect(server.checkIssued(new X509Certificate(read('ca.crt')))).toBe(true);
});

it('keeps private keys to their owner', () => {
  for (const name of ['ca.key', 'apiserver.key', 'sa.key']) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});

it('writes a pair of keys for service-account tokens that belong together', () => {
  const text = Buffer.from('token');
  expect(verify('sha256', text, read('sa.pub'), sign('sha256', text, read('sa.key')))).toBe(true);
});

it('lets a server know the user and the groups of a client, and a client trust the server', async () => {
  const client = await clientCertificate(ca, {
    user: 'system:node:x-worker',
    groups: ['system:nodes', 'more, of = it'],
  });
  const seen = await handshake(client);
  expect(seen).toEqual({ authorized: true, CN: 'system:node:x-worker', O: ['system:nodes', 'more, of = it'] });
});

it('does not let a client in whose certificate is from another authority', async () => {
  const other = mkdtempSync(join(tmpdir(), 'blackstart-pki-'));
  try {
    const stranger = await createPki(other, { apiAddress: '127.0.0.1', serviceAddress: '127.0.0.1' });
    const client = await clientCertificate(stranger, { user: 'admin', groups: ['system:masters'] });
    expect(await handshake(client)).toMatchObject({ authorized: false });
  } finally {
    rmSync(other, { recursive: true });
  }
});

it('writes a kubeconfig that holds everything a client needs', async () => {
  const { cert, key } = await clientCertificate(ca, { user: 'kubernetes-admin', groups: ['kubeadm:cluster-admins'] });
  const config = parse(kubeconfig({ server: 'https://127.77.0.1:6443', ca: ca.cert, cert, key, name: '12' }));
  expect(config['current-context']).toBe('12');
  expect(config.clusters[0].cluster.server).toBe('https://127.77.0.1:6443');
  expect(decode(config.clusters[0].cluster['certificate-authority-data'])).toBe(ca.cert);
  expect(decode(config.users[0].user['client-certificate-data'])).toBe(cert);
  expect(decode(config.users[0].user['client-key-data'])).toBe(key);
});

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

/** What a TLS server that asks for certificates sees of this client; the client checks the server's certificate. */
async function handshake(client: KeyPair): Promise<Record<string, unknown>> {
  const server = createServer({
    cert: read('apiserver.crt'),
    key: read('apiserver.key'),
    ca: read('ca.crt'),
    requestCert: true,
    rejectUnauthorized: false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const seen = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const socket = connect({ host: '127.0.0.1', port, ca: read('ca.crt'), ...client, servername: 'kubernetes' });
  try {
    const failed = new Promise<never>((_resolve, reject) => socket.once('error', reject));
    const peer = await Promise.race([seen, failed]);
    const { subject } = peer.getPeerCertificate();
    return { authorized: peer.authorized, ...subject };
  } finally {
    socket.destroy();
    server.close();
  }
}
