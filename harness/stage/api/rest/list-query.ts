import { isTrue } from '../request/request-info.ts';
import { badRequest, invalid } from '../status.ts';

/** From which moment a list or a watch is wanted, and how much of it. */
export interface ListQuery {
  /** Undefined: the newest state; 0: any state. */
  readonly revision: number | undefined;
  readonly match: '' | 'Exact' | 'NotOlderThan';
  /** 0: all of it. */
  readonly limit: number;
  readonly continueAt: Continue | undefined;
  readonly sendInitialEvents: boolean | undefined;
}

/** Where a page ended: the rest is listed as it was at that revision. */
interface Continue {
  readonly revision: number;
  /** Key of the last object before the rest. */
  readonly after: string;
}

/** Throws 400 and 422 for combinations that the real server refuses too. */
export function readListQuery(query: URLSearchParams, isWatch: boolean): ListQuery {
  const token = query.get('continue') ?? '';
  const initial = query.get('sendInitialEvents');
  const read = {
    revision: readNumber(query, 'resourceVersion'),
    match: (query.get('resourceVersionMatch') ?? '') as ListQuery['match'],
    limit: readNumber(query, 'limit') ?? 0,
    continueAt: token === '' ? undefined : readToken(token),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
  };
  const problem = isWatch ? watchProblem(read) : listProblem(read);
  if (problem) {
    const cause = { reason: 'FieldValueForbidden', field: problem[0], message: `Forbidden: ${problem[1]}` };
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [cause]);
  }
  if (read.continueAt && read.revision) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  return read;
}

type Problem = readonly [field: string, message: string] | undefined;

function listProblem({ revision, match, continueAt, sendInitialEvents }: ListQuery): Problem {
  if (sendInitialEvents !== undefined) return ['sendInitialEvents', 'sendInitialEvents is forbidden for list'];
  if (match === '') return undefined;
  const field = 'resourceVersionMatch';
  if (revision === undefined) return [field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'];
  if (continueAt) return [field, 'resourceVersionMatch is forbidden when continue is provided'];
  if (match !== 'Exact' && match !== 'NotOlderThan') return [field, `"${String(match)}" is not supported`];
  if (match === 'Exact' && revision === 0) return [field, '"Exact" is forbidden for resourceVersion "0"'];
  return undefined;
}

function watchProblem({ match, continueAt, sendInitialEvents }: ListQuery): Problem {
  if (continueAt) return ['continue', 'continue is forbidden for watch'];
  const field = 'resourceVersionMatch';
  if (sendInitialEvents === undefined) {
    return match === ''
      ? undefined
      : [field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'];
  }
  if (match === 'NotOlderThan') return undefined;
  return [field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'];
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: not a number`);
  return Number(text);
}

export function writeToken({ revision, after }: Continue): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` });
  return Buffer.from(text).toString('base64url');
}

function readToken(token: string): Continue {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as {
      rv: unknown;
      start: unknown;
    };
    if (Number.isSafeInteger(rv) && typeof start === 'string' && start.endsWith('\0')) {
      return { revision: rv as number, after: start.slice(0, -1) };
    }
  } catch {
    // Said below.
  }
  throw badRequest('continue key is not valid');
}
