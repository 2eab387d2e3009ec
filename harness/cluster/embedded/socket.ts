import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { BlackstartError, messageOf } from '../../core/errors.ts';

/** Wall milliseconds for one call: a socket on this machine answers in a few, and a node may have to end a process. */
export const socketTimeoutMs = 10_000;

/** True when nobody listens: the connection is refused, or there is no such socket. Any other problem proves nothing. */
export async function nobodyListens(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(socketTimeoutMs) });
    return false;
  } catch (problem) {
    return ['ECONNREFUSED', 'ENOENT'].includes((problem as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.destroy();
  }
}

/** One call to the out-of-band socket of a host or node. Rejects with `cluster` when it is refused or not answered. */
export async function askSocket(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const what = `${method} ${path} on ${socketPath}`;
  try {
    const { status, answer } = await send(socketPath, method, path, body);
    if (status >= 200 && status < 300) return answer === '' ? undefined : JSON.parse(answer);
    throw new BlackstartError('cluster', `${what}: ${status} ${answer.trim()}`);
  } catch (problem) {
    if (problem instanceof BlackstartError) throw problem;
    throw new BlackstartError('cluster', `${what}: ${messageOf(problem)}`, { cause: problem });
  }
}

async function send(
  socketPath: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<{ readonly status: number; readonly answer: string }> {
  const signal = AbortSignal.timeout(socketTimeoutMs);
  return await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ socketPath, method, path, headers, signal, agent: false }, (incoming) => {
      text(incoming).then((answer) => resolve({ status: incoming.statusCode ?? 0, answer }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body && JSON.stringify(body));
  });
}
