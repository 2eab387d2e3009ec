/** JSON patch (RFC 6902) without `move` and `copy`, and JSON merge patch (RFC 7386); what is given is not changed. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { isMap, mapEntries, type JsonMap } from '../json.ts';
import { badRequest, unprocessable } from '../status.ts';

/** The patched object. Throws 400 when `patch` is no JSON patch, 422 when something in it cannot be done. */
export function jsonPatch(object: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  // The document is the field '' of a map: so the pointer '' needs no care, and every pointer has a parent.
  const root = structuredClone({ '': object });
  for (const operation of patch as unknown[]) {
    if (!isMap(operation)) throw badRequest('an operation of a JSON patch is an object');
    perform(root, operation);
  }
  if (!isMap(root[''])) throw unprocessable('the document is no object any more');
  return root[''];
}

function perform(root: JsonMap, { op, path: pointer, value }: JsonMap): void {
  const path = tokensOf(pointer);
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && value === undefined) throw badRequest(`${op} needs a value`);
  switch (op) {
    case 'add':
      return add(root, path, structuredClone(value));
    case 'remove':
      return remove(root, path);
    case 'replace':
      remove(root, path);
      return add(root, path, structuredClone(value));
    case 'test':
      if (isDeepStrictEqual(read(root, path), value)) return;
      throw unprocessable(`testing value ${path.join('/')} failed`);
    default:
      throw unprocessable(`operation ${JSON.stringify(op)} is not supported`);
  }
}

/** The tokens of a JSON pointer (RFC 6901): `/a~1b/c~0d` is '', `a/b`, `c~d`. */
function tokensOf(pointer: unknown): string[] {
  if (typeof pointer !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/s.test(pointer)) {
    throw badRequest(`${JSON.stringify(pointer)} is no JSON pointer`);
  }
  const tokens = pointer.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  // The real server takes it for a key like any other; here it would set the prototype.
  if (tokens.includes('__proto__')) throw badRequest(`${JSON.stringify(pointer)} has the key __proto__`);
  return tokens;
}

function read(root: JsonMap, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, token) => {
    const key = Array.isArray(value) ? indexIn(value, token) : token;
    const isThere = (isMap(value) || Array.isArray(value)) && Object.hasOwn(value, key);
    if (!isThere) throw unprocessable(`${path.join('/')} does not exist`);
    return (value as JsonMap)[key];
  }, root);
}

/** The index that a token names; throws 422 unless it is within `0 … length - 1` (`… length` for an addition). */
function indexIn(list: readonly unknown[], token: string, extra = 0): number {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
  if (index >= 0 && index < list.length + extra) return index;
  throw unprocessable(`${JSON.stringify(token)} is no index of the list`);
}

function add(root: JsonMap, path: readonly string[], value: unknown): void {
  const parent = read(root, path.slice(0, -1));
  const token = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(token === '-' ? parent.length : indexIn(parent, token, 1), 0, value);
  else if (isMap(parent)) parent[token] = value;
  else throw unprocessable(`${path.join('/')} does not exist`);
}

function remove(root: JsonMap, path: readonly string[]): void {
  read(root, path);
  const parent = read(root, path.slice(0, -1));
  const token = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(indexIn(parent, token), 1);
  else Reflect.deleteProperty(parent as JsonMap, token);
}

/** Throws 400 when the patch is no object. */
export function mergePatch(object: KubeObject, patch: unknown): KubeObject {
  if (!isMap(patch)) throw badRequest('a JSON merge patch is an object');
  return merge(object, patch) as KubeObject;
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const before = isMap(target) ? target : {};
  const changed = mapEntries(patch, (value, key) =>
    value === null ? undefined : merge(Object.hasOwn(before, key) ? before[key] : undefined, value),
  );
  return { ...mapEntries(before, (value, key) => (patch[key] === null ? undefined : value)), ...changed };
}
