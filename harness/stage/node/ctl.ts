import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../core/errors.ts';
import { socketPath } from './socket-path.ts';

/**
 * One call on a node's control socket: `node ctl.ts SOCKET METHOD PATH [JSON]`. Prints the answer; exits with 0, or with 1
 * and the reason on stderr. Undo commands are such calls, so it needs nothing but the socket.
 */
const deadlineMs = 10_000;

async function call(socket: string, method: string, path: string, body: string): Promise<string> {
  const short = socketPath(socket);
  try {
    const outgoing = request({
      socketPath: short.path,
      method,
      path,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(deadlineMs),
    });
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        text(incoming).then((answered) => resolve({ status: incoming.statusCode ?? 0, body: answered }), reject);
      });
      outgoing.end(body);
    });
    if (answer.status < 200 || answer.status > 299) throw new Error(`HTTP ${answer.status}: ${answer.body.trim()}`);
    return answer.body;
  } finally {
    short.close();
  }
}

const [socket, method, path, body = ''] = process.argv.slice(2);
if (socket === undefined || method === undefined || path === undefined) {
  process.stderr.write('usage: node ctl.ts SOCKET METHOD PATH [JSON]\n');
  process.exitCode = 1;
} else {
  try {
    process.stdout.write(await call(socket, method, path, body));
  } catch (problem) {
    const why =
      (problem as Error).name === 'TimeoutError' ? `no answer within ${deadlineMs / 1_000} s` : messageOf(problem);
    process.stderr.write(`${method} ${path} on ${socket}: ${why}\n`);
    process.exitCode = 1;
  }
}
