import { authenticate } from '../auth/authenticate.ts';
import { authorize, denied } from '../auth/authorize.ts';
import type { User } from '../auth/user.ts';
import { mediaTypeOf, readBody } from '../request/body.ts';
import { negotiate } from '../request/negotiate.ts';
import { isTrue, readRequestInfo, type RequestInfo } from '../request/request-info.ts';
import type { ResourceType } from '../resources.ts';
import { dispatch } from '../rest/dispatch.ts';
import { badRequest, notFound, timeout, tooManyRequests } from '../status.ts';
import { flowRequest } from './flow-request.ts';
import type { Exchange, Frontend } from './frontend.ts';
import { serveOther } from './other-paths.ts';
import { respondJson, respondProblem } from './respond.ts';

/** Answers one request, whatever it is; never rejects. */
export async function handle(frontend: Frontend, exchange: Exchange): Promise<void> {
  const { clock, requestTimeoutMs } = frontend;
  const { incoming, response } = exchange;
  const startedMs = clock.monotonicMs();
  const bytesBefore = incoming.socket.bytesWritten;
  const over = new AbortController();
  response.once('close', () => over.abort());
  // Writing to a client that has just gone: it is closed, which is all there is to know.
  response.on('error', () => over.abort());
  let done: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const info = readRequestInfo(incoming.method ?? '', incoming.url ?? '');
    const late = timeout('request did not complete within the allotted timeout');
    if (!isLongRunning(info)) timer = setTimeout(() => over.abort(late), requestTimeoutMs);
    const type = frontend.registry.find(info.group, info.version, info.resource);
    const known = type
      ? info
      : { ...info, resource: '', namespace: '', name: '', group: '', version: '', subresource: '' };
    const counted = { ...known, apiGroup: known.group };
    const change = (by: 1 | -1): void => {
      if (isLongRunning(info)) frontend.metrics.longRunning(counted, by);
    };
    change(1);
    done = () => {
      change(-1);
      const durationMs = clock.monotonicMs() - startedMs;
      const responseBytes = incoming.socket.bytesWritten - bytesBefore;
      frontend.metrics.answered(counted, { code: response.statusCode, durationMs, responseBytes });
    };
    await admitted(frontend, exchange, { info, type, signal: over.signal });
  } catch (problem) {
    await answerProblem(exchange, over.signal, problem);
  } finally {
    clearTimeout(timer);
    done?.();
  }
}

/** A client that has gone hears nothing; one whose time is over hears that. */
async function answerProblem({ incoming, response }: Exchange, signal: AbortSignal, problem: unknown): Promise<void> {
  if (response.destroyed) return;
  try {
    await respondProblem(incoming, response, signal.aborted ? signal.reason : problem);
  } catch {
    response.destroy();
  }
}

function isLongRunning({ verb, subresource, query }: RequestInfo): boolean {
  return verb === 'watch' || (subresource === 'log' && isTrue(query.get('follow')));
}

interface Asked {
  readonly info: RequestInfo;
  readonly type: ResourceType | undefined;
  readonly signal: AbortSignal;
}

async function admitted(frontend: Frontend, exchange: Exchange, asked: Asked): Promise<void> {
  const { api, tokens, clock, phase, flow } = frontend;
  const { incoming, response } = exchange;
  const { info, type, signal } = asked;
  response.setHeader('cache-control', 'no-cache, private');
  // A client that keeps its connection would keep the server from ending.
  if (phase === 'stopping') response.setHeader('connection', 'close');
  const user = authenticate(incoming, tokens && api && { tokens, store: api.store }, clock.now());
  const isKnownYet = phase !== 'starting' || user.groups.includes('system:masters');
  if (!isKnownYet || !authorize(user, info)) throw denied(user, info);
  const ticket = await flow.admit(flowRequest(user, info, type, api?.store), signal);
  try {
    for (const [name, value] of Object.entries(ticket.headers)) response.setHeader(name, value);
    if (!info.isResource) await serveOther(frontend, exchange, info);
    else await serveResource(frontend, exchange, user, { ...asked, release: ticket.release });
  } finally {
    ticket.release();
  }
}

async function serveResource(
  { api }: Frontend,
  { incoming, response }: Exchange,
  user: User,
  { info, type, signal, release }: Asked & { release: () => void },
): Promise<void> {
  if (!api) throw tooManyRequests('storage is (re)initializing', 1);
  if (!type || (info.namespace !== '' && !type.namespaced)) throw notFound();
  const wanted = negotiate(incoming.headers.accept, ['get', 'list', 'watch'].includes(info.verb) ? ['Table;v1'] : []);
  const hasBody = !['get', 'list', 'watch'].includes(info.verb);
  const answer = await dispatch(api, {
    info,
    type,
    user,
    wanted,
    manager: managerOf(info, incoming.headers['user-agent']),
    dryRun: isDryRun(info.query),
    contentType: mediaTypeOf(incoming.headers['content-type']),
    body: hasBody ? await readBody(incoming) : Buffer.alloc(0),
    incoming,
    response,
    signal,
    releaseSeat: release,
  });
  if (answer) await respondJson(incoming, response, answer.code, answer.object);
}

/** As the real server: what the client says, else the first word of its user agent. */
function managerOf({ query }: RequestInfo, userAgent = 'unknown'): string {
  const manager = query.get('fieldManager') || (userAgent.split('/', 1)[0] ?? '');
  return manager.slice(0, 128) || 'unknown';
}

function isDryRun(query: URLSearchParams): boolean {
  const asked = query.getAll('dryRun');
  if (asked.some((value) => value !== 'All')) throw badRequest('dryRun: Unsupported value: supported values: "All"');
  return asked.length > 0;
}
