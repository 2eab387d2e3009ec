import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { FlowRejection } from '../flow/types.ts';
import { ApiStatus, internal } from '../status.ts';
import { wantsGzip } from './body-writer.ts';

const compress = promisify(gzip);

/** Writes a whole answer, compressed when it is long and the client can read that. */
export async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  code: number,
  body: string | Buffer,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const short = !wantsGzip(incoming.headers['accept-encoding'], bytes.length);
  const sent = short ? bytes : await compress(bytes, { level: 1 });
  response.writeHead(code, {
    ...headers,
    'content-length': sent.length,
    ...(!short && { 'content-encoding': 'gzip' }),
  });
  response.end(sent);
}

export async function respondJson(
  incoming: IncomingMessage,
  response: ServerResponse,
  code: number,
  object: object,
  contentType = 'application/json',
): Promise<void> {
  await respond(incoming, response, code, `${JSON.stringify(object)}\n`, { 'content-type': contentType });
}

/** Writes what was thrown as a Status; an answer that has begun is broken off, so that nobody takes it for whole. */
export async function respondProblem(
  incoming: IncomingMessage,
  response: ServerResponse,
  problem: unknown,
): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status =
    problem instanceof ApiStatus ? problem : internal(problem instanceof Error ? problem.message : String(problem));
  const { retryAfterS } = status;
  if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
  const flow = problem instanceof FlowRejection ? problem.headers : {};
  for (const [name, value] of Object.entries(flow)) response.setHeader(name, value);
  // The rest of a body that nobody wants: a client that still sends would not see the answer if we hung up.
  incoming.resume();
  await respondJson(incoming, response, status.code, status.toObject());
}
