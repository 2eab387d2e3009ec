import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, serverCertificate, type KeyPair } from './certificate.ts';

export { clientCertificate, type KeyPair } from './certificate.ts';

const serviceNames = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map((rest) => `kubernetes${rest}`);

type PkiOptions = { readonly apiAddress: string; readonly serviceAddress: string; readonly names?: readonly string[] };

/**
 * Writes `ca.crt`, `ca.key`, `apiserver.crt`, `apiserver.key`, `sa.key` and `sa.pub` (PEM, P-256, keys with mode 0600)
 * into `folder`, which is made when it is not there. The API server is reached at its own address, at that of the Service
 * `kubernetes` and by `names`. Gives the authority, with which client certificates are issued.
 */
export async function createPki(folder: string, options: PkiOptions): Promise<KeyPair> {
  const { apiAddress, serviceAddress, names = [] } = options;
  const ca = await createAuthority();
  const addresses = ['127.0.0.1', apiAddress, serviceAddress];
  const server = await serverCertificate(ca, ['localhost', ...serviceNames, ...names], addresses);
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    'ca.crt': ca.cert,
    'ca.key': ca.key,
    'apiserver.crt': server.cert,
    'apiserver.key': server.key,
    'sa.key': serviceAccounts.privateKey,
    'sa.pub': serviceAccounts.publicKey,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: name.endsWith('.key') ? 0o600 : 0o644 });
  }
  return ca;
}

type ConfigOptions = KeyPair & { readonly server: string; readonly ca: string; readonly name: string };

/** A kubeconfig for kubectl and every client library, as YAML text; `name` is that of all that has one. */
export function kubeconfig({ server, ca, cert, key, name: bare }: ConfigOptions): string {
  // Without quotes `n` and `1` are no texts.
  const name = JSON.stringify(bare);
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(ca)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(cert)}
    client-key-data: ${base64(key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
