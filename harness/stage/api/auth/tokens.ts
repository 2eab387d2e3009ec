import { createPrivateKey, createPublicKey, randomUUID, sign, verify, type KeyObject } from 'node:crypto';

/** What a service-account token says. Times are seconds since 1970. */
export interface TokenClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly sub: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: BoundObject;
    readonly pod?: BoundObject;
  };
}

export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** Issues and reads service-account tokens (JWT). */
export interface Tokens {
  issue(claims: TokenClaims): string;
  /** Undefined when it is not one of ours, was changed, has run out or is for somebody else. */
  read(token: string, now: Date): TokenClaims | undefined;
}

/** Issuer and audience of the API server. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** @param privateKey PEM; RSA signs RS256, P-256 signs ES256. */
export function openTokens(privateKey: string): Tokens {
  const key = createPrivateKey(privateKey);
  const publicKey = createPublicKey(key);
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  return {
    issue: (claims) => {
      const payload = { ...claims, iss: issuer, nbf: claims.iat, jti: randomUUID() };
      const text = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(payload)}`;
      return `${text}.${sign('sha256', Buffer.from(text), signing(key)).toString('base64url')}`;
    },
    read: (token, now) => {
      const [header, payload, signature, more] = token.split('.');
      if (header === undefined || payload === undefined || signature === undefined || more !== undefined) return;
      if (field(decode(header), 'alg') !== algorithm) return;
      const isOurs = verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        signing(publicKey),
        Buffer.from(signature, 'base64url'),
      );
      if (!isOurs) return;
      // What we have signed has the shape that we gave it.
      const claims = decode(payload) as TokenClaims;
      return claims.exp * 1_000 > now.getTime() && claims.aud.includes(issuer) ? claims : undefined;
    },
  };
}

/** JWTs have the two numbers of an ECDSA signature side by side, not in DER. */
function signing(key: KeyObject): { key: KeyObject; dsaEncoding: 'ieee-p1363' } {
  return { key, dsaEncoding: 'ieee-p1363' };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
