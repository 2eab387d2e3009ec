import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { issuer, Tokens, type TokenClaims } from './tokens.ts';

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const ecKey = (): string => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const ec = ecKey();
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = new Date('2026-01-01T00:00:00Z');
const claims: TokenClaims = {
  aud: [issuer],
  iat: now.getTime() / 1_000,
  exp: now.getTime() / 1_000 + 600,
  sub: 'system:serviceaccount:default:me',
  'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'me', uid: 'u' } },
};

test('a token is read again', () => {
  const tokens = new Tokens(ec);
  expect(tokens.read(tokens.issue(claims), now)).toMatchObject(claims);
});

test('a token that has run out, is for others or was signed by others is none', () => {
  const tokens = new Tokens(ec);
  expect(tokens.read(tokens.issue(claims), new Date(claims.exp * 1_000))).toBeUndefined();
  expect(tokens.read(tokens.issue({ ...claims, aud: ['vault'] }), now)).toBeUndefined();
  const other = ecKey();
  expect(tokens.read(new Tokens(other).issue(claims), now)).toBeUndefined();
});

test('a token whose payload or algorithm was changed is none', () => {
  const tokens = new Tokens(ec);
  const [header = '', payload = '', signature = ''] = tokens.issue(claims).split('.');
  const forged = encode({ ...claims, sub: 'system:serviceaccount:kube-system:root' });
  const changed = [
    `${header}.${forged}.${signature}`,
    `${encode({ alg: 'none' })}.${payload}.`,
    `${encode({ alg: 'HS256' })}.${payload}.${signature}`,
    `${header}.${payload}`,
    `${header}.${payload}.${signature}.x`,
    'nonsense',
    '..',
  ];
  for (const token of changed) expect(tokens.read(token, now)).toBeUndefined();
});
