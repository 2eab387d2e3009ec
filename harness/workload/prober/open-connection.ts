import { connect, type Socket } from 'node:net';
import { deadline } from './deadline.ts';

/** A fresh TCP connection. Rejects with a socket error, or with reason `timeout`. */
export async function openConnection(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, noDelay: true }, resolve);
  // Stays: whatever comes after the first error says nothing new, and must not end the process.
  socket.on('error', reject);
  const cancelDeadline = deadline(timeoutMs, reject);
  try {
    await promise;
    return socket;
  } catch (problem) {
    socket.destroy();
    throw problem;
  } finally {
    cancelDeadline();
  }
}
