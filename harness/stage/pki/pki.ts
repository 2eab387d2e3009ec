import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, serverCertificate, type KeyPair } from './certificate.ts';

export { clientCertificate, type KeyPair } from './certificate.ts';
export { kubeconfig } from './kubeconfig.ts';

export interface PkiOptions {
  /** Address the API server listens on. */
  readonly apiAddress: string;
  /** ClusterIP of the Service `kubernetes`. */
  readonly serviceAddress: string;
  /** More names for the API server's certificate, such as its node's. Default none. */
  readonly names?: readonly string[];
}

const serviceNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/**
 * Writes `ca.crt`, `ca.key`, `apiserver.crt`, `apiserver.key`, `sa.key` and `sa.pub` (PEM, P-256, keys with mode 0600) into
 * `folder`, which is made when it is not there. Gives the authority, with which client certificates are issued.
 */
export async function createPki(folder: string, options: PkiOptions): Promise<KeyPair> {
  const { apiAddress, serviceAddress, names = [] } = options;
  const ca = await createAuthority();
  const server = await serverCertificate(
    ca,
    ['localhost', ...serviceNames, ...names],
    ['127.0.0.1', apiAddress, serviceAddress],
  );
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string, mode: number): void => writeFileSync(join(folder, name), text, { mode });
  write('ca.crt', ca.cert, 0o644);
  write('ca.key', ca.key, 0o600);
  write('apiserver.crt', server.cert, 0o644);
  write('apiserver.key', server.key, 0o600);
  write('sa.key', serviceAccounts.privateKey, 0o600);
  write('sa.pub', serviceAccounts.publicKey, 0o644);
  return ca;
}
