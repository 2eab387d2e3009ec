/** The two halves of what an apply does to an object: merging what was sent, taking away what is no longer sent. */
import { elementOf } from './compare.ts';
import { isEmpty, isMember, type FieldsV1 } from './field-set.ts';
import { isMap, mapEntries, unprocessable, type JsonMap } from './json.ts';
import { fieldPlace, isAtomicMap, keyValue, listKind, type Place } from './list-keys.ts';

/** `live` with everything that `applied` says. Throws 422 when an item of a merged list lacks its keys or comes twice. */
export function mergeApplied(live: unknown, applied: unknown, place: Place): unknown {
  if (isMap(applied) && !isAtomicMap(place)) {
    const before: JsonMap = isMap(live) ? live : {};
    const merged = mapEntries(applied, (value, key) =>
      mergeApplied(Object.hasOwn(before, key) ? before[key] : undefined, value, fieldPlace(place, key)),
    );
    return { ...before, ...merged };
  }
  const kind = listKind(place);
  if (!Array.isArray(applied) || kind === 'atomic') return applied;
  return mergeLists(Array.isArray(live) ? live : [], applied, kind, place);
}

/** Items in the order in which they were applied; those only in `live` stay behind what they stood behind. */
function mergeLists(live: unknown[], applied: unknown[], kind: readonly string[] | 'set', place: Place): unknown[] {
  const wanted = new Map(applied.map((item) => [checkedElement(item, kind, place), item]));
  if (wanted.size < applied.length) throw unprocessable(`${place.parent}.${place.field}: duplicate entries`);
  const elements = live.map((item) => elementOf(item, kind));
  const places = new Map(elements.map((element, at): [string, number] => [element, at]).toReversed());
  const shared = [...wanted.keys()].filter((element) => places.has(element));
  const result: unknown[] = [];
  let next = 0;
  let turn = 0;
  const takeOthersUntil = (stop: string | undefined): void => {
    for (; next < live.length && elements[next] !== stop; next++) {
      if (!wanted.has(elements[next] ?? '')) result.push(live[next]);
    }
  };
  for (const [element, item] of wanted) {
    takeOthersUntil(shared[turn]);
    result.push(mergeApplied(live[places.get(element) ?? -1], item, place));
    if (element === shared[turn]) turn++;
  }
  takeOthersUntil(undefined);
  return result;
}

function checkedElement(item: unknown, kind: readonly string[] | 'set', place: Place): string {
  const missing = kind === 'set' ? undefined : kind.find((key) => keyValue(item, key) === undefined);
  if (missing === undefined) return elementOf(item, kind);
  throw unprocessable(`${place.parent}.${place.field}: an item lacks the key field "${missing}"`);
}

/**
 * Takes away what is in `last`, unless it is in `owned`: a field also when something in it is, an item of a list only when
 * it is itself. Undefined when that leaves nothing, unless somebody owns the empty map.
 */
export function pruneFields(value: unknown, last: FieldsV1, owned: FieldsV1, place: Place): unknown {
  const keep = (child: unknown, element: string, childPlace: Place): unknown => {
    const before = last[element];
    const owners = owned[element];
    if (!before) return child;
    const isOwned = owners && (element.startsWith('f:') || isMember(owners));
    return isOwned ? pruneFields(child, before, owners, childPlace) : undefined;
  };
  if (isMap(value) && !isAtomicMap(place)) {
    const kept = mapEntries(value, (child, key) => keep(child, `f:${key}`, fieldPlace(place, key)));
    return isEmpty(kept) && !isMember(owned) ? undefined : kept;
  }
  const kind = Array.isArray(value) ? listKind(place) : 'atomic';
  if (kind === 'atomic') return value;
  const items = (value as unknown[])
    .map((item) => keep(item, elementOf(item, kind), place))
    .filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}
