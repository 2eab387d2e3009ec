import { Agent, request } from 'node:http';
import { BlackstartError } from '../core/errors.ts';

/** Reads one HTTP server over kept-alive connections; every call has a deadline, whatever the server does. */
export interface HttpReader {
  /** The body of a 200. Rejects with `prober` for anything else. */
  get(path: string): Promise<string>;
  post(path: string, body: object, timeoutMs?: number): Promise<string>;
  close(): void;
}

/** Wall milliseconds for one read. */
const readDeadlineMs = 1_000;

/** `baseUrl` without a path, for example `http://127.0.0.1:39500`. */
export function openHttpReader(baseUrl: string): HttpReader {
  const agent = new Agent({ keepAlive: true });
  const call = async (method: string, path: string, body: string, timeoutMs: number): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const problem = (message: string): BlackstartError =>
      new BlackstartError('prober', `${method} ${baseUrl}${path}: ${message}`);
    const sent = request(`${baseUrl}${path}`, { method, agent });
    const timer = setTimeout(() => {
      reject(problem(`no answer within ${timeoutMs} ms`));
      sent.destroy();
    }, timeoutMs);
    sent.on('error', (cause) => reject(problem(cause.message)));
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (cause) => reject(problem(cause.message)));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(problem(`status ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.end(body);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    get: async (path) => await call('GET', path, '', readDeadlineMs),
    post: async (path, body, timeoutMs = readDeadlineMs) => await call('POST', path, JSON.stringify(body), timeoutMs),
    close: () => agent.destroy(),
  };
}
