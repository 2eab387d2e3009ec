import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ObjectStore } from '../store/object-store.ts';
import { unauthorized } from '../status.ts';
import type { TokenClaims, Tokens } from './tokens.ts';
import { anonymous, type User } from './user.ts';

const everybody = 'system:authenticated';

/** The user of the connection's certificate: CN is the name, every O a group. Throws 401 for one that our CA did not sign. */
function userOfCertificate(socket: TLSSocket): User | undefined {
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  if (!socket.authorized) throw unauthorized();
  const name = textsOf(subject.CN)[0];
  return name === undefined ? undefined : { name, groups: [...textsOf(subject.O), everybody] };
}

/** Reading a certificate takes longer than the rest of a small request; a connection keeps its own. */
const known = new WeakMap<TLSSocket, User>();

/** Types say one text; a name that is there several times is a list. */
function textsOf(value: unknown): string[] {
  return value === undefined ? [] : ([value].flat() as string[]);
}

/** Undefined while it is not known yet which tokens are good: nobody is known by one then. */
type TokenReader = { readonly tokens: Tokens; readonly store: Pick<ObjectStore, 'find'> } | undefined;

/** Certificate first, then `Authorization: Bearer`; nobody in particular without either. Throws 401 for bad ones. */
export function authenticate(request: IncomingMessage, reader: TokenReader, now: Date): User {
  const socket = request.socket as TLSSocket;
  const byCertificate = known.get(socket) ?? userOfCertificate(socket);
  if (byCertificate) {
    known.set(socket, byCertificate);
    return byCertificate;
  }
  const { authorization } = request.headers;
  if (authorization === undefined || !reader) return anonymous;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const claims = token === undefined ? undefined : reader.tokens.read(token, now);
  if (!claims || !isStillThere(reader.store, claims)) throw unauthorized();
  return userOfToken(claims);
}

/** A token ends with its service account, and with its pod. */
function isStillThere(store: Pick<ObjectStore, 'find'>, claims: TokenClaims): boolean {
  const { namespace, serviceaccount, pod } = claims['kubernetes.io'];
  const account = store.find({ resource: 'serviceaccounts', namespace, name: serviceaccount.name });
  if (account?.metadata.uid !== serviceaccount.uid) return false;
  return !pod || store.find({ resource: 'pods', namespace, name: pod.name })?.metadata.uid === pod.uid;
}

function userOfToken({ sub, 'kubernetes.io': bound }: TokenClaims): User {
  const { namespace, serviceaccount, pod } = bound;
  return {
    name: sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, everybody],
    ...(pod && {
      extra: {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
      },
    }),
  };
}
