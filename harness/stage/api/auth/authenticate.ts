import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unauthorized } from '../status.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Tokens } from './tokens.ts';

interface TokenReader {
  readonly tokens: Tokens;
  readonly store: Pick<ObjectStore, 'find'>;
}

/** Reading a certificate takes longer than the rest of a small request; a connection keeps its own. */
const known = new WeakMap<TLSSocket, User>();

/** The user of a certificate: CN is the name, every O a group. Throws 401 for one that our CA did not sign. */
function userOfCertificate(socket: TLSSocket): User | undefined {
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  if (!socket.authorized) throw unauthorized();
  const [name] = textsOf(subject.CN);
  return name === undefined ? undefined : { name, groups: [...textsOf(subject.O), 'system:authenticated'] };
}

/** Types say one text; a name that is there several times is a list. */
function textsOf(part: unknown): string[] {
  return part === undefined ? [] : ([part].flat() as string[]);
}

/**
 * Certificate first, then `Authorization: Bearer`; nobody in particular without either. Throws 401 for bad ones.
 * @param reader undefined while it is not known yet which tokens are good: nobody is known by one then.
 */
export function authenticate(request: IncomingMessage, reader: TokenReader | undefined): User {
  const socket = request.socket as TLSSocket;
  const byCertificate = known.get(socket) ?? userOfCertificate(socket);
  if (byCertificate) {
    known.set(socket, byCertificate);
    return byCertificate;
  }
  const { authorization } = request.headers;
  if (authorization === undefined || !reader) return { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const claims = reader.tokens.read(token, new Date());
  if (!claims) throw unauthorized();
  const { namespace, serviceaccount } = claims['kubernetes.io'];
  // A token ends with its service account.
  const account = reader.store.find({ resource: 'serviceaccounts', namespace, name: serviceaccount.name });
  if (account?.metadata.uid !== serviceaccount.uid) throw unauthorized();
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { name: claims.sub, uid: serviceaccount.uid, groups };
}

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Only of service accounts. */
  readonly uid?: string;
}
