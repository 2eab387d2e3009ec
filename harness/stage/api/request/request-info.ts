import { badRequest, notFound } from '../status.ts';

/** What is asked for, as RBAC, flow control and metrics tell it apart. '' where something does not apply. */
export interface Attributes {
  /** For paths that are no resources the method in lower case. */
  readonly verb: string;
  /** Without the query. */
  readonly path: string;
  readonly apiGroup: string;
  readonly version: string;
  /** '' for paths that are no resources. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a request is about, read from its method, path and query alone. */
export interface RequestInfo extends Attributes {
  readonly query: URLSearchParams;
}

const longestPath = 4_096;
const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update' };

/** Throws 400 or 404 for what can be no path of ours: bad escapes, empty or dotted parts, escaped slashes. */
export function readRequestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (!path.startsWith('/') || path.length > longestPath) throw badRequest('the path of the request is not valid');
  const verb = verbs[method] ?? method.toLowerCase();
  const nothing = { apiGroup: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  const other = { ...nothing, path, query, verb: method.toLowerCase() };
  const [root, ...rest] = path.replace(/\/$/, '').split('/').slice(1).map(decodePart);
  if (root !== 'api' && root !== 'apis') return other;
  const apiGroup = root === 'apis' ? rest.shift() : '';
  const version = rest.shift();
  if (apiGroup === undefined || version === undefined || rest.length === 0) return other;
  const where = readResource(rest);
  return { ...other, apiGroup, version, ...where, verb: verbOf(verb, where.name, query) };
}

function decodePart(part: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    throw badRequest('the path of the request has an invalid escape');
  }
  if (['', '.', '..'].includes(decoded) || decoded.includes('/') || decoded.includes('\0')) throw notFound();
  return decoded;
}

/** `namespaces/NS/RESOURCE[/NAME[/SUB]]`, `namespaces/NS[/status|finalize]` or `RESOURCE[/NAME[/SUB]]`. */
function readResource(parts: readonly string[]): Pick<RequestInfo, 'resource' | 'subresource' | 'namespace' | 'name'> {
  const [first, owner = '', third] = parts;
  const isInside = first === 'namespaces' && third !== undefined && third !== 'status' && third !== 'finalize';
  const [resource = '', name = '', subresource = '', more] = isInside ? parts.slice(2) : parts;
  if (more !== undefined) throw notFound();
  return { resource, name, subresource, namespace: isInside ? owner : '' };
}

function verbOf(verb: string, name: string, query: URLSearchParams): string {
  if (verb === 'delete' && name === '') return 'deletecollection';
  if (verb !== 'get' || name !== '') return verb;
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}

/** A flag in a query: everything but `false` and `0` turns it on, as in Kubernetes. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0'].includes(value.toLowerCase());
}
