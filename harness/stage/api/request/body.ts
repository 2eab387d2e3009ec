import type { IncomingMessage } from 'node:http';
import { ApiStatus, badRequest, unsupportedMediaType } from '../status.ts';
import { decodeProtobuf, protobufType } from './protobuf.ts';

/** As the real server. */
const largestBodyBytes = 3 * 1024 * 1024;

/** The whole body as bytes; 413 above 3 MB, without reading the rest. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = `Request entity too large: limit is ${largestBodyBytes}`;
  const refusal = new ApiStatus(413, 'RequestEntityTooLarge', tooLarge);
  if (Number(request.headers['content-length'] ?? 0) > largestBodyBytes) throw refusal;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection is still needed, for the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) throw refusal;
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
  if (isHarmless(value, deepest)) return value;
  throw badRequest('the body of the request is nested too deeply or has a key __proto__');
}

function isHarmless(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((inner) => isHarmless(inner, levels - 1));
}

/** The media type alone, in lower case. */
export function mediaTypeOf(header = ''): string {
  return header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * How an answer is wanted: '' for the object itself, else what `as=` names; the first that can be had, 406 when none.
 * @param offered transformations, as `Table;v1`.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string {
  for (const entry of (accept || '*/*').split(',')) {
    const [media = '', ...rest] = entry.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(media.toLowerCase())) continue;
    const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]));
    const as = parameters.get('as') ?? '';
    if (as === '' || offered.includes(`${as};${parameters.get('v')}`)) return as;
  }
  throw new ApiStatus(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
}
