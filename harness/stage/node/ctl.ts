/**
 * A program: `node ctl.ts SOCKET METHOD PATH [JSON]`, one call on the socket of a node or a host. Prints the answer;
 * exits with 0, or with 1 and the reason on stderr. Undo commands are such calls, so it needs nothing but the socket.
 */
import { messageOf } from '../../core/errors.ts';
import { callSocket } from './call-socket.ts';

const [socket, method, path, body = ''] = process.argv.slice(2);
if (socket === undefined || method === undefined || path === undefined) {
  process.stderr.write('usage: node ctl.ts SOCKET METHOD PATH [JSON]\n');
  process.exitCode = 1;
} else {
  try {
    const answer = await callSocket(socket, method, path, { body });
    if (answer.status < 200 || answer.status > 299) throw new Error(`HTTP ${answer.status}: ${answer.body.trim()}`);
    process.stdout.write(answer.body);
  } catch (problem) {
    process.stderr.write(`${method} ${path} on ${socket}: ${messageOf(problem)}\n`);
    process.exitCode = 1;
  }
}
