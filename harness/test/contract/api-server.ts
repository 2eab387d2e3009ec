/** The two API servers that the same tests are run against. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { openTestClient } from '../../stage/api/testing/test-api.ts';
import { clientCertificate, createPki, type KeyPair } from '../../stage/pki/pki.ts';
import { images, startContainer } from './containers.ts';
import { startOurProcess } from './our-process.ts';

/** What a test needs to be a client, as it is handed from the global setup to the tests. */
export interface ApiServer {
  readonly name: string;
  readonly which: 'ours' | 'real';
  readonly url: string;
  /** Signs the certificates of the server and of its clients. */
  readonly ca: KeyPair;
}

export interface RunningApiServer {
  readonly server: ApiServer;
  readonly end: () => Promise<void>;
}

/** What is older than this revision neither server knows any more. */
export const forgottenRevision = 5;

const readyMs = 60_000;

/** In a process of its own, with a history that it does not know the beginning of. */
export async function startOurs(): Promise<RunningApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-contract-'));
  const ca = await createPki(join(folder, 'pki'), { apiAddress: '127.0.0.1', serviceAddress: '10.96.0.1' });
  // The first process writes what every cluster has; the second one does not know how that began.
  const first = await startOurProcess(folder);
  await first.end();
  forgetOurBeginning(folder);
  const { url, end } = await startOurProcess(folder);
  return {
    server: { name: 'our API server', which: 'ours', url, ca },
    end: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function forgetOurBeginning(folder: string): void {
  const database = new DatabaseSync(join(folder, 'store.sqlite'));
  database.exec(`DELETE FROM changes WHERE revision <= ${forgottenRevision + 2}`);
  database.close();
}

/** kube-apiserver and etcd, as kubeadm runs them, on a loopback address of their own. */
export async function startReal(owner: string): Promise<RunningApiServer> {
  const host = `127.${randomInt(2, 16)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
  const etcdUrl = `http://${host}:2379`;
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-contract-'));
  const ca = await createPki(folder, { apiAddress: host, serviceAddress: '10.96.0.1' });
  const files = Object.fromEntries(
    ['ca.crt', 'apiserver.crt', 'apiserver.key', 'sa.pub', 'sa.key'].map((name) => [
      `/pki/${name}`,
      readFileSync(join(folder, name), 'utf8'),
    ]),
  );
  rmSync(folder, { recursive: true });
  const etcd = await startContainer({ image: images.etcd, owner, command: etcdCommand(host) });
  await forgetBeginning(etcdUrl);
  const api = await startContainer({ image: images.apiServer, owner, files, command: apiCommand(host, etcdUrl) });
  const server = { name: `kube-apiserver ${images.apiServer.split(':')[1]}`, which: 'real', ca } as const;
  const running: RunningApiServer = {
    server: { ...server, url: `https://${host}:6443` },
    end: async () => {
      await api.remove();
      await etcd.remove();
    },
  };
  try {
    await untilReady(running.server);
  } catch (problem) {
    throw new Error(`${messageOf(problem)}\n${await api.output()}`, { cause: problem });
  }
  return running;
}

function etcdCommand(host: string): string[] {
  const peers = `http://${host}:2380`;
  const clients = `http://${host}:2379`;
  return [
    'etcd',
    '--data-dir=/var/lib/etcd',
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // Nothing of it is to outlive a loss of power.
    '--unsafe-no-fsync',
  ];
}

function apiCommand(host: string, etcdUrl: string): string[] {
  return [
    'kube-apiserver',
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${host}`,
    '--secure-port=6443',
    // A loopback address is refused as one that Services lead to. Nothing here uses Services.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--client-ca-file=/pki/ca.crt',
    '--tls-cert-file=/pki/apiserver.crt',
    '--tls-private-key-file=/pki/apiserver.key',
    '--service-account-key-file=/pki/sa.pub',
    '--service-account-signing-key-file=/pki/sa.key',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--authorization-mode=Node,RBAC',
  ];
}

/**
 * Writes a history before anything is in the store, and compacts it. So the first revisions are too old for every list and
 * every watch from the start, and no test has to take the history away from others.
 */
async function forgetBeginning(etcdUrl: string): Promise<void> {
  const post = async (path: string, body: object): Promise<true> => {
    const answer = await fetch(`${etcdUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd: ${answer.status} ${await answer.text()}`);
    return true;
  };
  const put = async (): Promise<true> => await post('/v3/kv/put', { key: 'eA==', value: 'eA==' });
  await poll(put, { clock: systemClock, intervalMs: 100, timeoutMs: readyMs, what: 'etcd to take writes' });
  for (let revision = 2; revision < forgottenRevision + 5; revision++) await put();
  await post('/v3/kv/compaction', { revision: String(forgottenRevision + 2), physical: true });
}

async function untilReady({ url, ca }: ApiServer): Promise<void> {
  const client = openTestClient(url, ca.cert, await administrator(ca));
  const attempt = async (): Promise<true | undefined> => {
    const { status, text } = await client.call('GET', '/readyz');
    if (status === 200) return true;
    throw new Error(text);
  };
  await poll(attempt, { clock: systemClock, intervalMs: 200, timeoutMs: readyMs, what: `${url}/readyz` });
  client.close();
}

/** A client that may do everything, and that flow control never lets wait. */
export async function administrator(ca: KeyPair): Promise<KeyPair> {
  return await clientCertificate(ca, { user: 'contract-administrator', groups: ['system:masters'] });
}
