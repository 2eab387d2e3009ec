/** JSON patch (RFC 6902), without changing what is given. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus, badRequest } from '../status.ts';
import { isMap, mapEntries, unprocessable, type JsonMap } from './json.ts';

/** The API server's limits: 10,000 operations, and 3 MiB of what `copy` copies (a few doublings would fill the memory). */
const maxOperations = 10_000;
const maxCopiedBytes = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
}

/** The patched object. Throws 400 when `patch` is no JSON patch, 422 when an operation cannot be done or a test fails. */
export function jsonPatch(object: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  if (patch.length > maxOperations) throw tooMany(patch.length);
  let copiedBytes = 0;
  let result: unknown = object;
  for (const operation of patch.map(parseOperation)) {
    if (operation.op === 'copy') copiedBytes += JSON.stringify(read(result, operation.from)).length;
    if (copiedBytes > maxCopiedBytes) throw unprocessable(`more than ${maxCopiedBytes} bytes to copy`);
    result = perform(result, operation);
  }
  if (!isMap(result)) throw unprocessable('the document is no object any more');
  return result as KubeObject;
}

function tooMany(count: number): ApiStatus {
  const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${count}`;
  return new ApiStatus(413, 'RequestEntityTooLarge', message);
}

function parseOperation(operation: unknown): Operation {
  if (!isMap(operation)) throw badRequest('an operation of a JSON patch is an object');
  const { op, path, from, value } = operation;
  if (typeof op !== 'string') throw badRequest('an operation of a JSON patch needs an op');
  if (value === undefined && ['add', 'replace', 'test'].includes(op)) throw badRequest(`operation ${op} needs a value`);
  const moves = op === 'move' || op === 'copy';
  return { op, path: parsePointer(path), from: moves ? parsePointer(from) : [], value };
}

/** The tokens of a JSON pointer (RFC 6901): `/a~1b/c~0d` is `a/b`, `c~d`. */
function parsePointer(pointer: unknown): string[] {
  if (typeof pointer !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/s.test(pointer)) {
    throw badRequest(`${JSON.stringify(pointer)} is no JSON pointer`);
  }
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function perform(document: unknown, operation: Operation): unknown {
  const { op, path, from, value } = operation;
  switch (op) {
    case 'add':
      return add(document, path, value);
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, value);
    case 'copy':
      return add(document, path, read(document, from));
    case 'move':
      if (from.length < path.length && from.every((token, at) => token === path[at])) {
        throw unprocessable(`cannot move ${pointerOf(from)} into itself`);
      }
      return add(remove(document, from), path, read(document, from));
    case 'test':
      if (isDeepStrictEqual(read(document, path), value)) return document;
      throw unprocessable(`testing value ${pointerOf(path)} failed`);
    default:
      throw badRequest(`unknown operation ${JSON.stringify(op)}`);
  }
}

const pointerOf = (path: readonly string[]): string => path.map((token) => `/${token}`).join('');

function missing(path: readonly string[]): ApiStatus {
  return unprocessable(`${pointerOf(path)} does not exist`);
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const token of path) {
    const key = Array.isArray(value) ? indexIn(value, token) : token;
    if ((!isMap(value) && !Array.isArray(value)) || !Object.hasOwn(value, key)) throw missing(path);
    value = (value as JsonMap)[key];
  }
  return value;
}

/** The index that a token names; throws 422 unless it is within `0 … length - 1` (`… length` for an addition). */
function indexIn(list: readonly unknown[], token: string, extra = 0): number {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
  if (index < 0 || index >= list.length + extra)
    throw unprocessable(`${JSON.stringify(token)} is no index of the list`);
  return index;
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  read(document, path.slice(0, -1));
  return edit(document, path, value, (parent, token) => {
    if (!Array.isArray(parent)) return { ...parent, [token]: value };
    return parent.toSpliced(token === '-' ? parent.length : indexIn(parent, token, 1), 0, value);
  });
}

function replace(document: unknown, path: readonly string[], value: unknown): unknown {
  read(document, path);
  return edit(document, path, value, (parent, token) =>
    Array.isArray(parent) ? parent.with(indexIn(parent, token), value) : { ...parent, [token]: value },
  );
}

function remove(document: unknown, path: readonly string[]): unknown {
  read(document, path);
  return edit(document, path, undefined, (parent, token) =>
    Array.isArray(parent)
      ? parent.toSpliced(indexIn(parent, token), 1)
      : mapEntries(parent, (kept, key) => (key === token ? undefined : kept)),
  );
}

type Edit = (parent: unknown[] | JsonMap, token: string) => unknown;

/**
 * Copies what lies on the path, and lets `change` make the last parent anew; `whole` is the result for the empty path.
 * Everything above the last parent is there.
 */
function edit(document: unknown, path: readonly string[], whole: unknown, change: Edit): unknown {
  const [token, ...rest] = path;
  if (token === undefined) return whole;
  if (!isMap(document) && !Array.isArray(document)) throw missing(path);
  if (rest.length === 0) return change(document, token);
  const child = edit(read(document, [token]), rest, whole, change);
  return Array.isArray(document) ? document.with(Number(token), child) : { ...document, [token]: child };
}
