import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../../core/errors.ts';
import { FlowRejection } from '../flow/types.ts';
import { negotiate } from '../request/body.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { ApiStatus, internal, methodNotAllowed } from '../status.ts';
import { aggregated, discover } from './discovery.ts';
import type { Frontend } from './handle.ts';

const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
const builtWith = { gitTreeState: 'clean', goVersion: 'none', compiler: 'node', platform };
const version = { major: '1', minor: '34', gitVersion: 'v1.34.0', ...builtWith };
const groupsType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/**
 * An OpenAPI document (version 2, protobuf: field 1 is `swagger`) without any schema: kubectl takes every object for
 * valid, and client-side apply works out its patches from the types it has built in. `kubectl explain` has nothing.
 */
const openApi = Buffer.from('\n\u00032.0');
const openApiType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Answers everything that is no resource: health, version, metrics and discovery. Throws 404 and 405. */
export async function serveOther(
  frontend: Frontend,
  { headers }: IncomingMessage,
  response: ServerResponse,
  info: RequestInfo,
): Promise<void> {
  const { types } = frontend;
  const path = info.path.replace(/(.)\/$/, '$1');
  const isHealth = /^\/(?:livez|readyz|healthz)(?:\/|$)/.test(path);
  if (info.verb !== 'get' && !(isHealth && info.verb === 'head')) throw methodNotAllowed();
  if (isHealth) {
    const { code, text } = health(path, info.query, frontend.phase, () => isReadable(frontend));
    respond(response, code, text, 'text/plain; charset=utf-8');
  } else if (path === '/metrics') {
    const { body, contentType } = await frontend.metrics.exposition();
    respond(response, 200, body, contentType);
  } else if (path === '/openapi/v2') respond(response, 200, openApi, openApiType);
  else if (path === '/version') respondJson(response, 200, version);
  else {
    const as = negotiate(headers.accept, path === '/api' || path === '/apis' ? ['APIGroupDiscoveryList;v2'] : []);
    if (as === '') respondJson(response, 200, discover(types, path, frontend.server));
    else respondJson(response, 200, aggregated(types, path === '/api'), groupsType);
  }
}

function isReadable({ api, phase }: Frontend): boolean {
  if (!api) return phase !== 'starting';
  try {
    api.store.sync();
    return true;
  } catch {
    return false;
  }
}

/** How far the server is: it listens at once, then learns who may come in, then fills its caches. */
export type Phase = 'starting' | 'loading' | 'ready' | 'stopping';

const isLoaded = (phase: Phase): boolean => phase === 'ready' || phase === 'stopping';

/** Named as in the real server; the `isLive` ones are also asked by /livez and /healthz. */
const checks = [
  { name: 'ping', isLive: true, passes: () => true },
  { name: 'log', isLive: true, passes: () => true },
  { name: 'etcd', isLive: true, passes: (_phase: Phase, canRead: () => boolean) => canRead() },
  { name: 'poststarthook/rbac/bootstrap-roles', isLive: false, passes: (phase: Phase) => phase !== 'starting' },
  { name: 'informer-sync', isLive: false, passes: isLoaded },
  { name: 'shutdown', isLive: false, passes: (phase: Phase) => phase !== 'stopping' },
];

/** Answers `/livez`, `/readyz`, `/healthz` and each check of them, as `/readyz/etcd`. */
export function health(
  path: string,
  query: URLSearchParams,
  phase: Phase,
  canRead: () => boolean,
): { readonly code: 200 | 404 | 500; readonly text: string } {
  const [, endpoint = '', ...rest] = path.split('/');
  const one = rest.join('/');
  const results = checks
    .filter(({ name, isLive }) => (isLive || endpoint === 'readyz') && (one === '' || name === one))
    .map(({ name, passes }) => ({ name, ok: passes(phase, canRead) }));
  if (results.length === 0) return { code: 404, text: '404 page not found\n' };
  const failed = results.some(({ ok }) => !ok);
  if (!failed && !query.has('verbose')) return { code: 200, text: 'ok' };
  const lines = results.map(({ name, ok }) => (ok ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`));
  return { code: failed ? 500 : 200, text: `${lines.join('')}${endpoint} check ${failed ? 'failed' : 'passed'}\n` };
}

/** Writes a whole answer. */
function respond(response: ServerResponse, code: number, body: string | Buffer, contentType: string): void {
  response.writeHead(code, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export function respondJson(response: ServerResponse, code: number, object: object, type = 'application/json'): void {
  respond(response, code, `${JSON.stringify(object)}\n`, type);
}

/** Writes what was thrown as a Status; an answer that has begun is broken off, so that nobody takes it for whole. */
export function respondProblem(incoming: IncomingMessage, response: ServerResponse, problem: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = problem instanceof ApiStatus ? problem : internal(messageOf(problem));
  const retryAfterS = status.details?.retryAfterSeconds;
  if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS);
  const flow = problem instanceof FlowRejection ? problem.headers : {};
  for (const [name, value] of Object.entries(flow)) response.setHeader(name, value);
  // The rest of a body that nobody wants: a client that still sends would not see the answer if we hung up.
  incoming.resume();
  respondJson(response, status.code, status.toObject());
}
