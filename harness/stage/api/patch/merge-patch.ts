import type { KubeObject } from '../../client/types.ts';
import { badRequest } from '../status.ts';
import { isMap, mapEntries, type JsonMap } from './json.ts';

/** JSON merge patch (RFC 7386), without changing what is given. Throws 400 when the patch is no object. */
export function mergePatch(object: KubeObject, patch: unknown): KubeObject {
  if (!isMap(patch)) throw badRequest('a JSON merge patch is an object');
  return merge(object, patch) as KubeObject;
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const before: JsonMap = isMap(target) ? target : {};
  const changed = mapEntries(patch, (value, key) =>
    value === null ? undefined : merge(Object.hasOwn(before, key) ? before[key] : undefined, value),
  );
  return { ...mapEntries(before, (value, key) => (patch[key] === null ? undefined : value)), ...changed };
}
