import type { IncomingMessage } from 'node:http';
import { badRequest, tooLarge, unsupportedMediaType } from '../status.ts';
import { decodeProtobuf, protobufType } from './protobuf.ts';

/** As the real server. */
const largestBodyBytes = 3 * 1024 * 1024;

/** The whole body as bytes; 413 above 3 MB, without reading the rest. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > largestBodyBytes) throw tooLarge(largestBodyBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection is still needed, for the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) throw tooLarge(largestBodyBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The object in the body of a POST, PUT or DELETE. Throws 400 and 415. */
export function readValue({ contentType, body }: { readonly contentType: string; readonly body: Buffer }): unknown {
  if (contentType === protobufType) return decodeProtobuf(body);
  if (contentType !== '' && contentType !== 'application/json') throw unsupportedMediaType(['application/json']);
  return parseJson(body);
}

/** Deeper than this a value is refused: everything that walks objects does so by recursion. */
const deepest = 200;

/** Throws 400 for what is not JSON, too deep, or has a key that JavaScript would take for a prototype. */
export function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (problem) {
    throw badRequest(`the body of the request is not valid JSON: ${(problem as Error).message}`);
  }
  if (!isHarmless(value, deepest))
    throw badRequest('the body of the request is nested too deeply or has a key __proto__');
  return value;
}

function isHarmless(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((inner) => isHarmless(inner, levels - 1));
}

/** The media type alone, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
