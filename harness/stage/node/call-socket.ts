import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** One call, with a JSON body, on the socket of a node or host. Rejects when there is no answer within `timeoutMs`. */
export async function callSocket(
  socketPath: string,
  method: string,
  path: string,
  { body = '', timeoutMs = 10_000 }: { readonly body?: string; readonly timeoutMs?: number } = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  return await new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body) };
    const outgoing = request({ socketPath, method, path, headers, signal, agent: false }, (incoming) => {
      text(incoming).then((answer) => resolve({ status: incoming.statusCode ?? 0, body: answer }), reject);
    });
    outgoing.on('error', reject).end(body);
  });
}
