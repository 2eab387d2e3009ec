/**
 * Strategic merge patch: a merge patch that merges lists by their keys and knows directives. Items that are there keep
 * their places and new ones come last: `$setElementOrder` is not heeded.
 */
import type { KubeObject } from '../../client/types.ts';
import { isMap, mapEntries, type JsonMap } from '../json.ts';
import { badRequest, unprocessable } from '../status.ts';
import { inside, listKeys, rootPlace, type Place } from './fields.ts';

const deleteFromSet = '$deleteFromPrimitiveList/';

/** The patched object of a built-in kind. Throws 400 when the patch is malformed, 422 when it does not fit. */
export function strategicMergePatch(object: KubeObject, patch: unknown): KubeObject {
  if (!isMap(patch)) throw badRequest('a strategic merge patch is an object');
  return mergeMaps(object, patch, rootPlace(object)) as KubeObject;
}

function mergeMaps(original: JsonMap, patch: JsonMap, place: Place): JsonMap {
  const { $patch: directive, $retainKeys: _, ...fields } = patch;
  if (directive === 'delete') return {};
  if (directive === 'replace') return withoutDirectives(fields) as JsonMap;
  if (directive !== undefined) throw unknownDirective(directive);
  const retained = listIn(patch, '$retainKeys');
  const result = mapEntries(original, (value, key) => (retained && !retained.includes(key) ? undefined : value));
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith('$setElementOrder/')) continue;
    const field = key.startsWith(deleteFromSet) ? key.slice(deleteFromSet.length) : key;
    const before = Object.hasOwn(result, field) ? result[field] : undefined;
    if (field === key) result[field] = mergeValues(before, value, inside(place, field));
    else if (Array.isArray(before)) result[field] = before.filter((item) => !listIn(patch, key)?.includes(item));
  }
  return mapEntries(result, (value) => value);
}

/** The list under that key, undefined when there is none. */
function listIn(patch: JsonMap, key: string): unknown[] | undefined {
  const list = patch[key];
  if (list === undefined || Array.isArray(list)) return list;
  throw badRequest(`${key} needs a list`);
}

/** The new value of a field; undefined when it goes. */
function mergeValues(original: unknown, patch: unknown, place: Place): unknown {
  if (patch === null) return undefined;
  if (isMap(original) && isMap(patch)) return mergeMaps(original, patch, place);
  const keys = listKeys(place);
  if (keys && Array.isArray(original) && Array.isArray(patch)) return mergeLists(original, patch, keys[0], place);
  return withoutDirectives(patch);
}

const directiveOf = (item: unknown): unknown => (isMap(item) ? item['$patch'] : undefined);

/** @param key undefined for a set. */
function mergeLists(original: unknown[], patch: unknown[], key: string | undefined, place: Place): unknown[] {
  const keyOf = (item: unknown): unknown => {
    if (key === undefined) return item;
    if (isMap(item) && Object.hasOwn(item, key)) return item[key];
    throw unprocessable(`${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  };
  const changes = patch.filter((item) => directiveOf(item) === undefined);
  if (patch.some((item) => directiveOf(item) === 'replace')) return changes.map(withoutDirectives);
  let merged = original;
  for (const item of patch) {
    const directive = directiveOf(item);
    const at = merged.findIndex((one) => keyOf(one) === keyOf(item));
    const before = merged[at];
    if (directive === 'delete') merged = merged.filter((one) => keyOf(one) !== keyOf(item));
    else if (directive !== undefined) throw unknownDirective(directive);
    else if (at < 0) merged = [...merged, withoutDirectives(item)];
    else if (isMap(before) && isMap(item)) merged = merged.with(at, mergeMaps(before, item, place));
  }
  return merged;
}

function unknownDirective(directive: unknown): Error {
  return badRequest(`unknown patch directive ${JSON.stringify(directive)}`);
}

/** A value that is new: nulls in it mean nothing, and what carries a `$patch` has nothing to act on. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isMap(value)) return value;
  if (Object.hasOwn(value, '$patch')) return undefined;
  return mapEntries(value, (field, key) =>
    field === null || key.startsWith('$') ? undefined : withoutDirectives(field),
  );
}
