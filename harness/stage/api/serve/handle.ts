import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../core/clock.ts';
import type { ApiMetrics } from '../../metrics/api-metrics.ts';
import { authenticate } from '../auth/authenticate.ts';
import { askedBy, denied, type Authorizer } from '../auth/authorizer.ts';
import type { Admit } from '../flow/types.ts';
import { mediaTypeOf, negotiate, readBody } from '../request/body.ts';
import { isTrue, readRequestInfo, type RequestInfo } from '../request/request-info.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import type { Api, ApiRequest } from '../rest/api.ts';
import { dispatch } from '../rest/dispatch.ts';
import { ApiStatus, badRequest, notFound } from '../status.ts';
import { respondJson, respondProblem, serveOther, type Phase } from './other-paths.ts';

/** What there is of the server, which is less while it starts. */
export interface Frontend {
  phase: Phase;
  /** Undefined until the caches are filled; before that nobody is known by a token. */
  api: Api | undefined;
  /** The kinds that are served now. */
  types: readonly ResourceType[];
  readonly admit: Admit;
  readonly authorizer: Authorizer;
  readonly metrics: ApiMetrics;
  readonly clock: Clock;
  /** `ADDRESS:PORT`. */
  readonly server: string;
}

/** How long a request may take that is neither a watch nor a log; `--request-timeout`. */
const requestTimeoutMs = 60_000;
/** As metrics have it: every new combination is kept for ever. */
const unserved = { apiGroup: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

/** Answers one request, whatever it is; never rejects. */
export async function handle(frontend: Frontend, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock, metrics } = frontend;
  const { socket } = incoming;
  const startedMs = clock.monotonicMs();
  const bytesBefore = socket.bytesWritten;
  const over = new AbortController();
  response.once('close', () => over.abort());
  // Writing to a client that has just gone: it is closed, which is all there is to know.
  response.on('error', () => over.abort());
  const ends: (() => void)[] = [];
  try {
    const info = readRequestInfo(incoming.method ?? '', incoming.url ?? '');
    const type = frontend.types.find((one) => isType(one, info));
    const attributes = type ? info : { ...info, ...unserved };
    if (info.verb === 'watch' || (info.subresource === 'log' && isTrue(info.query.get('follow')))) {
      metrics.longRunning(attributes, 1);
      ends.push(() => metrics.longRunning(attributes, -1));
    } else {
      const late = new ApiStatus(504, 'Timeout', 'request did not complete within the allotted timeout');
      const timer = setTimeout(() => over.abort(late), requestTimeoutMs);
      ends.push(() => clearTimeout(timer));
    }
    ends.push(() => {
      const durationMs = clock.monotonicMs() - startedMs;
      const responseBytes = socket.bytesWritten - bytesBefore;
      metrics.answered(attributes, { code: response.statusCode, durationMs, responseBytes });
    });
    await admitted(frontend, incoming, { info, type, response, signal: over.signal });
  } catch (problem) {
    // A client that has gone hears nothing; one whose time is over hears that.
    if (!response.destroyed) respondProblem(incoming, response, over.signal.aborted ? over.signal.reason : problem);
  } finally {
    for (const end of ends) end();
  }
}

function isType({ plural, group, version }: ResourceType, info: RequestInfo): boolean {
  return plural === info.resource && group === info.apiGroup && version === info.version;
}

/** `type` is undefined for a path that is not served. */
type Asked = Pick<ApiRequest, 'info' | 'response' | 'signal'> & { readonly type: ResourceType | undefined };

async function admitted(frontend: Frontend, incoming: IncomingMessage, asked: Asked): Promise<void> {
  const { api, phase } = frontend;
  const { info, type, response, signal } = asked;
  response.setHeader('cache-control', 'no-cache, private');
  // A client that keeps its connection would keep the server from ending.
  if (phase === 'stopping') response.setHeader('connection', 'close');
  const user = authenticate(incoming, api);
  const isKnownYet = phase !== 'starting' || user.groups.includes('system:masters');
  const listBytes = type && api ? bytesOfList(api.store, storageKey(type), info) : 0;
  const ticket = await frontend.admit({ ...info, user: user.name, groups: user.groups, listBytes }, signal);
  try {
    for (const [name, value] of Object.entries(ticket.headers)) response.setHeader(name, value);
    const attributes = askedBy(info);
    if (!isKnownYet || !frontend.authorizer.allows(user, attributes)) throw denied(user, attributes);
    if (info.resource === '') await serveOther(frontend, incoming, response, info);
    else await serveResource(api, incoming, { ...asked, user, releaseSeat: ticket.release });
  } finally {
    ticket.release();
  }
}

/** About what a list or the beginning of a watch will read; one object stands for all. */
function bytesOfList(store: Api['store'], resource: string, { verb, query }: RequestInfo): number {
  // A watch that begins at a revision sends only what changed since.
  const isRead = ['', '0'].includes(query.get('resourceVersion') ?? '') || query.has('sendInitialEvents');
  const isByName = /(?:^|,)metadata\.name=/.test(query.get('fieldSelector') ?? '');
  if (isByName || (verb !== 'list' && !(verb === 'watch' && isRead))) return 0;
  const stored = store.count(resource);
  const sample = store.list(resource)[stored >> 1];
  const limit = query.get('resourceVersion') === '0' ? 0 : Number(query.get('limit') ?? 0);
  return sample ? (limit > 0 ? Math.min(stored, limit) : stored) * JSON.stringify(sample).length : 0;
}

async function serveResource(
  api: Api | undefined,
  incoming: IncomingMessage,
  asked: Asked & Pick<ApiRequest, 'user' | 'releaseSeat'>,
): Promise<void> {
  const { info, type, response } = asked;
  if (!api) throw new ApiStatus(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 });
  if (!type || (info.namespace !== '' && !type.namespaced)) throw notFound();
  if (info.query.has('dryRun')) throw badRequest('dryRun is not supported');
  const reads = ['get', 'list', 'watch'].includes(info.verb);
  const { accept, 'content-type': contentType, 'user-agent': userAgent = '' } = incoming.headers;
  // As the real server: what the client says, else the first word of its user agent.
  const manager = info.query.get('fieldManager') || userAgent.split('/', 1)[0] || 'unknown';
  const answer = await dispatch(api, {
    ...asked,
    type,
    as: negotiate(accept, reads ? ['Table;v1'] : []),
    manager: manager.slice(0, 128),
    contentType: mediaTypeOf(contentType),
    body: reads ? Buffer.alloc(0) : await readBody(incoming),
  });
  if (answer) respondJson(response, answer.code, answer.object);
}
