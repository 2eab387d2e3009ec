/** Strategic merge patch: a merge patch that merges lists by their keys and knows directives (`$patch`, `$retainKeys`, …). */
import type { KubeObject } from '../../client/types.ts';
import { badRequest } from '../status.ts';
import { isMap, mapEntries, unprocessable, type JsonMap } from './json.ts';
import { fieldPlace, listKind, rootPlace, type Place } from './list-keys.ts';

const deleteFromList = '$deleteFromPrimitiveList/';
const setOrder = '$setElementOrder/';

/** The patched object of a built-in kind; nothing given is changed. Throws 400 when the patch is malformed, 422 when it does not fit. */
export function strategicMergePatch(object: KubeObject, patch: unknown, kind: string): KubeObject {
  if (!isMap(patch)) throw badRequest('a strategic merge patch is an object');
  return mergeMaps(object, patch, rootPlace(object.apiVersion, kind)) as KubeObject;
}

function mergeMaps(original: JsonMap, patch: JsonMap, place: Place): JsonMap {
  if (Object.hasOwn(patch, '$patch')) return replaceMap(patch);
  const result = new Map(Object.entries(retainKeys(original, patch)));
  const fields = Object.keys(patch).map((key) => key.replace(/^\$(?:deleteFromPrimitiveList|setElementOrder)\//, ''));
  for (const field of new Set(fields)) {
    if (field === '$retainKeys') continue;
    const merged = mergeField(result.get(field), patch, field, fieldPlace(place, field));
    if (merged === undefined) result.delete(field);
    else result.set(field, merged);
  }
  return Object.fromEntries(result);
}

function replaceMap(patch: JsonMap): JsonMap {
  const { $patch: directive, ...rest } = patch;
  if (directive === 'delete') return {};
  if (directive === 'replace') return withoutDirectives(rest) as JsonMap;
  throw badRequest(`unknown patch directive ${JSON.stringify(directive)}`);
}

function retainKeys(original: JsonMap, patch: JsonMap): JsonMap {
  const kept = listIn(patch, '$retainKeys');
  return kept ? mapEntries(original, (value, key) => (kept.includes(key) ? value : undefined)) : original;
}

/** The list under that key, undefined when there is none. */
function listIn(patch: JsonMap, key: string): unknown[] | undefined {
  const list = Object.hasOwn(patch, key) ? patch[key] : undefined;
  if (list === undefined || Array.isArray(list)) return list;
  throw badRequest(`${key} needs a list`);
}

/** The new value of a field; undefined when it goes. */
function mergeField(original: unknown, patch: JsonMap, field: string, place: Place): unknown {
  const removed = listIn(patch, deleteFromList + field);
  const order = listIn(patch, setOrder + field);
  const kept = removed && Array.isArray(original) ? original.filter((item) => !removed.includes(item)) : original;
  const value = Object.hasOwn(patch, field) ? patch[field] : undefined;
  if (value === null) return undefined;
  if (isMap(kept) && isMap(value)) return mergeMaps(kept, value, place);
  const kind = listKind(place);
  if (Array.isArray(kept) && Array.isArray(value ?? order) && kind !== 'atomic') {
    const list = (value ?? []) as unknown[];
    return kind === 'set' ? mergeSets(kept, list, order) : mergeLists(kept, list, order, kind[0] ?? '', place);
  }
  return value === undefined ? kept : withoutDirectives(value);
}

function mergeSets(original: unknown[], patch: unknown[], order: unknown[] | undefined): unknown[] {
  return inOrder([...new Set([...original, ...patch])], original, order ?? patch, (item) => item);
}

const isDirective = (item: unknown): item is JsonMap => isMap(item) && Object.hasOwn(item, '$patch');

function mergeLists(
  original: unknown[],
  patch: unknown[],
  order: unknown[] | undefined,
  key: string,
  place: Place,
): unknown[] {
  const keyOf = (item: unknown): unknown => {
    if (isMap(item) && Object.hasOwn(item, key)) return item[key];
    throw unprocessable(`${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  };
  const directives = patch.filter(isDirective);
  const changes = patch.filter((item) => !isDirective(item) && keyOf(item) !== undefined) as JsonMap[];
  if (directives.some((item) => item['$patch'] === 'replace')) return changes.map(withoutDirectives);
  const unknown = directives.find((item) => item['$patch'] !== 'delete');
  if (unknown) throw badRequest(`unknown patch directive ${JSON.stringify(unknown['$patch'])}`);
  const deleted = new Set(directives.map(keyOf));
  const merged = original.filter((item) => !deleted.has(keyOf(item)));
  const places = indexBy(merged, keyOf);
  for (const change of changes) {
    const at = places.get(keyOf(change));
    const before = at === undefined ? undefined : merged[at];
    if (at !== undefined && isMap(before)) merged[at] = mergeMaps(before, change, place);
    else places.set(keyOf(change), merged.push(withoutDirectives(change)) - 1);
  }
  return inOrder(merged, original, order ?? changes, keyOf);
}

/**
 * Items that the patch names in the patch's order; the others in the order they had, each before the first named one that
 * it stood before. New items of a patch that says nothing about order come first, as in the API server.
 */
function inOrder(
  items: unknown[],
  original: unknown[],
  wanted: unknown[],
  keyOf: (item: unknown) => unknown,
): unknown[] {
  const wantedPlaces = indexBy(wanted, keyOf);
  const originalPlaces = indexBy(original, keyOf);
  const wantedPlace = (item: unknown): number => wantedPlaces.get(keyOf(item)) ?? Infinity;
  const named = items.filter((item) => wantedPlaces.has(keyOf(item)));
  const others = items.filter((item) => !wantedPlaces.has(keyOf(item)));
  const result: unknown[] = [];
  let next = 0;
  for (const item of named.toSorted((a, b) => wantedPlace(a) - wantedPlace(b))) {
    const place = originalPlaces.get(keyOf(item)) ?? -1;
    while (next < others.length && (originalPlaces.get(keyOf(others[next])) ?? Infinity) < place)
      result.push(others[next++]);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

/** The first place of each key. */
function indexBy(items: unknown[], keyOf: (item: unknown) => unknown): Map<unknown, number> {
  return new Map(items.map((item, at): [unknown, number] => [keyOf(item), at]).toReversed());
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
