import { createPrivateKey, webcrypto } from 'node:crypto';
import type { Extension, X509Certificate } from '@peculiar/x509';

/**
 * `@peculiar/x509` loads `tsyringe`, which refuses to load without the metadata functions of `Reflect`. Nothing that we
 * use is injected by type, so functions that know no metadata are enough.
 */
const noMetadata = (): undefined => undefined;
Object.assign(Reflect, { getMetadata: noMetadata, getOwnMetadata: noMetadata, defineMetadata: noMetadata });
const x509 = await import('@peculiar/x509');

/** PEM texts: a certificate and its private key (PKCS #8). */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
const dayMs = 86_400_000;

/** A self-signed authority, valid for ten years as kubeadm's. */
export async function createAuthority(): Promise<KeyPair> {
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=kubernetes',
    ...validFor(3_650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return await toKeyPair(cert, keys);
}

/** The API server's own certificate, for all the names and addresses it is reached by. */
export async function serverCertificate(ca: KeyPair, names: string[], addresses: string[]): Promise<KeyPair> {
  const alternative = new x509.SubjectAlternativeNameExtension([
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]);
  return await issue(ca, { user: 'kube-apiserver', groups: [] }, x509.ExtendedKeyUsage.serverAuth, alternative);
}

/** A certificate by which a client is `user` (its common name) in `groups` (its organizations). */
export async function clientCertificate(ca: KeyPair, subject: Subject): Promise<KeyPair> {
  return await issue(ca, subject, x509.ExtendedKeyUsage.clientAuth);
}

/** Valid for a year, as kubeadm's. */
async function issue(ca: KeyPair, { user, groups }: Subject, usage: string, ...more: Extension[]): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(ca.cert);
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.create({
    subject: [...groups.map((group) => ({ O: [group] })), { CN: [user] }],
    issuer: issuer.subject,
    ...validFor(365 * dayMs),
    signingAlgorithm: algorithm,
    signingKey: await signingKey(ca.key),
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...more,
    ],
  });
  return await toKeyPair(cert, keys);
}

/** Valid since an hour ago: a clock that was set back does not break a cluster. */
function validFor(durationMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + durationMs) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

async function toKeyPair(cert: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: `${cert.toString('pem')}\n`, key: `${key}\n` };
}
