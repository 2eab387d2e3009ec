import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';

/** Writes a long answer as fast as its reader takes it. */
export interface BodyWriter {
  /** Resolves when more may be written; rejects when `signal` is aborted before. */
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

/** Smaller answers are not worth the work; the real server's number. */
const gzipFromBytes = 128 * 1024;

/** Whether an answer of that size is compressed for who sent that Accept-Encoding. */
export function wantsGzip(accepted: string | string[] | undefined, bytes: number): boolean {
  return bytes > gzipFromBytes && String(accepted ?? '').includes('gzip');
}

/** @param estimate of the bytes that will come: whether to compress has to be known before. */
export function openBodyWriter(
  response: ServerResponse,
  accepted: string | string[] | undefined,
  estimate: number,
  signal: AbortSignal,
): BodyWriter {
  const gzip = wantsGzip(accepted, estimate);
  response.writeHead(200, { 'content-type': 'application/json', ...(gzip && { 'content-encoding': 'gzip' }) });
  const compressor = gzip ? createGzip({ level: 1 }) : undefined;
  compressor?.pipe(response);
  const out = compressor ?? response;
  return {
    write: async (text) => {
      signal.throwIfAborted();
      if (!out.write(text)) await once(out, 'drain', { signal });
    },
    end: async () => {
      out.end();
      if (!response.writableFinished) await once(response, 'finish', { signal });
    },
  };
}
