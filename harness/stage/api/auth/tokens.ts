import { createPrivateKey, createPublicKey, randomUUID, sign, verify, type KeyObject } from 'node:crypto';
import { textAt } from '../json.ts';

/** What a service-account token says. Times are seconds since 1970. */
export interface TokenClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly sub: string;
  readonly 'kubernetes.io': { readonly namespace: string; readonly serviceaccount: { name: string; uid: string } };
}

/** Issuer and audience of the API server. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** JWTs have the two numbers of an ECDSA signature side by side, not in DER. */
const dsaEncoding = 'ieee-p1363';

/** Issues and reads service-account tokens: JWTs, signed with ES256. */
export class Tokens {
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;

  /** @param privateKey PEM, P-256. */
  constructor(privateKey: string) {
    this.#key = createPrivateKey(privateKey);
    this.#publicKey = createPublicKey(this.#key);
  }

  issue(claims: TokenClaims): string {
    const payload = { ...claims, iss: issuer, nbf: claims.iat, jti: randomUUID() };
    const parts = [{ alg: 'ES256', typ: 'JWT' }, payload].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = sign('sha256', Buffer.from(parts.join('.')), { key: this.#key, dsaEncoding });
    return [...parts, signature.toString('base64url')].join('.');
  }

  /** Undefined when it is not one of ours, was changed, has run out or is for somebody else. */
  read(token: string, now: Date): TokenClaims | undefined {
    const [header = '', payload = '', signature = '', more] = token.split('.');
    if (more !== undefined || textAt(decode(header), 'alg') !== 'ES256') return undefined;
    const key = { key: this.#publicKey, dsaEncoding } as const;
    const isOurs = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
    if (!isOurs) return undefined;
    // What we have signed has the shape that we gave it.
    const claims = decode(payload) as TokenClaims;
    return claims.exp * 1_000 > now.getTime() && claims.aud.includes(issuer) ? claims : undefined;
  }
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
