import type { Socket } from 'node:net';
import { deadline } from './deadline.ts';
import { HopFailure } from './outcome.ts';

const headEnd = '\r\n\r\n';

/**
 * One GET over an open connection, read to its end; the connection is closed afterwards. Written by hand, because
 * `node:http` costs several times as much processor time, which the cluster under test would miss.
 * A status outside 200–399 rejects with the status as reason, an answer cut short with `reset`, none in time with `timeout`.
 */
export async function getOnce(socket: Socket, host: string, path: string, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const cancelDeadline = deadline(timeoutMs, reject);
  let received = '';
  const check = (ended: boolean): void => {
    try {
      const status = finishedStatus(received, ended);
      if (status !== undefined) resolve(status);
    } catch (problem) {
      reject(problem);
    }
  };
  // One character per byte: lengths can be compared with Content-Length.
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    check(false);
  });
  socket.on('error', reject);
  socket.on('close', () => check(true));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: blackstart-prober\r\nConnection: close${headEnd}`);
  try {
    const status = await promise;
    if (status < 200 || status >= 400) throw new HopFailure(String(status));
  } finally {
    cancelDeadline();
    socket.destroy();
  }
}

/** The status once the answer is complete; undefined while more is to come. */
function finishedStatus(received: string, ended: boolean): number | undefined {
  const endOfHead = received.indexOf(headEnd);
  if (endOfHead < 0) {
    if (ended) throw new HopFailure('reset');
    return undefined;
  }
  const head = received.slice(0, endOfHead);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === undefined) throw new HopFailure('malformed');
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const isComplete = length !== undefined && received.length - endOfHead - headEnd.length >= Number(length);
  if (!isComplete && ended && length !== undefined) throw new HopFailure('reset');
  return isComplete || ended ? Number(status) : undefined;
}
