import { badRequest, notFound } from '../status.ts';

/** What a request is about, read from its method, path and query alone. */
export interface RequestInfo {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** As RBAC has it; for paths that are no resources the method in lower case. */
  readonly verb: string;
  /** The fields below are '' for other paths, and where they do not apply. */
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

const longestPath = 4_096;
const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Throws 400 or 404 for what can be no path of ours: bad escapes, empty or dotted parts, escaped slashes. */
export function readRequestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (!path.startsWith('/') || path.length > longestPath) throw badRequest('the path of the request is not valid');
  const other = { method, path, query, verb: method.toLowerCase(), isResource: false } as const;
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  const parts = path.replace(/\/$/, '').split('/').slice(1).map(decodePart);
  const [root, ...rest] = parts;
  if (root !== 'api' && root !== 'apis') return { ...other, ...none };
  const group = root === 'apis' ? rest.shift() : '';
  const version = rest.shift();
  if (group === undefined || version === undefined || rest.length === 0) return { ...other, ...none };
  const where = { ...none, group, version, ...readResource(rest) };
  return { ...other, ...where, isResource: true, verb: verbOf(method, where.name, query) };
}

function decodePart(part: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    throw badRequest('the path of the request has an invalid escape');
  }
  if (decoded === '' || decoded === '.' || decoded === '..' || decoded.includes('/') || decoded.includes('\0')) {
    throw notFound();
  }
  return decoded;
}

/** `namespaces/NS/RESOURCE[/NAME[/SUB]]`, `namespaces/NS[/status|finalize]` or `RESOURCE[/NAME[/SUB]]`. */
function readResource(parts: readonly string[]): Pick<RequestInfo, 'resource' | 'subresource' | 'namespace' | 'name'> {
  const ofNamespace = parts[0] === 'namespaces' && parts.length > 2 && !isNamespaceSubresource(parts[2]);
  const namespace = ofNamespace ? (parts[1] ?? '') : '';
  const [resource = '', name = '', subresource = '', more] = ofNamespace ? parts.slice(2) : parts;
  if (more !== undefined) throw notFound();
  return { resource, name, subresource, namespace };
}

function isNamespaceSubresource(part: string | undefined): boolean {
  return part === 'status' || part === 'finalize';
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const verb = verbs[method] ?? method.toLowerCase();
  if (verb === 'delete' && name === '') return 'deletecollection';
  if (verb !== 'get') return verb;
  if (isTrue(query.get('watch'))) return 'watch';
  return name === '' ? 'list' : 'get';
}

/** A flag in a query: everything but `false` and `0` turns it on, as in Kubernetes. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0'].includes(value.toLowerCase());
}
