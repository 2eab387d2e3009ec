/** Which fields an object has, and which differ between two versions of it, each as a set of fields. */
import { isDeepStrictEqual } from 'node:util';
import { isEmpty, memberWith, type FieldsV1 } from './field-set.ts';
import { isMap } from './json.ts';
import { fieldPlace, isAtomicMap, keyValue, listKind, rootPlace, type Place } from './list-keys.ts';

interface Child {
  readonly value: unknown;
  readonly place: Place;
}

/** Where nothing is looked into. */
const opaque: Place = rootPlace('opaque.example/v1', '');

/** The children of a map or of a merged list by their path elements; undefined for everything that is atomic. */
function childrenOf(value: unknown, place: Place): Map<string, Child> | undefined {
  if (isMap(value)) {
    if (isAtomicMap(place)) return undefined;
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return new Map(fields.map(([key, field]) => [`f:${key}`, { value: field, place: fieldPlace(place, key) }]));
  }
  const kind = Array.isArray(value) ? listKind(place) : 'atomic';
  if (kind === 'atomic') return undefined;
  const items = Map.groupBy(value as unknown[], (item) => elementOf(item, kind));
  // Items with the same keys are owned and compared as one.
  return new Map(
    [...items].map(([element, same]) => [
      element,
      same.length === 1 ? { value: same[0], place } : { value: same, place: opaque },
    ]),
  );
}

/** The path element of an item of a merged list. */
export function elementOf(item: unknown, kind: readonly string[] | 'set'): string {
  if (kind === 'set') return `v:${JSON.stringify(item)}`;
  const keys = kind.toSorted().map((key) => [key, keyValue(item, key) ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** The fields that an applier sends: all leaves, and the items of lists. */
export function appliedFields(value: unknown, place: Place): FieldsV1 {
  const fields: Record<string, FieldsV1> = {};
  for (const [element, child] of childrenOf(value, place) ?? []) {
    const below = appliedFields(child.value, child.place);
    if (!element.startsWith('f:')) fields[element] = memberWith(below);
    else if (!isEmpty(below) || isLeaf(child)) fields[element] = below;
  }
  return fields;
}

/** An empty map is a leaf, an empty list is nothing. */
function isLeaf({ value, place }: Child): boolean {
  const children = childrenOf(value, place);
  return !children || (children.size === 0 && isMap(value));
}

/** Fields that built-in kinds always have where their parent is: nobody owns them without what is in them. */
const alwaysThere: ReadonlySet<string> = new Set([
  'containers',
  'loadBalancer',
  'metadata',
  'names',
  'nodeInfo',
  'resources',
  'source',
  'spec',
  'status',
  'strategy',
  'template',
  'updateStrategy',
]);

/** The fields of a value that was not there before: leaves, items, and the maps and lists that hold them. */
function newNode(child: Child, element: string, hasParent: boolean): FieldsV1 | undefined {
  const { builtIn, field } = child.place;
  const children = childrenOf(child.value, child.place);
  const mayBeBare = hasParent && element.startsWith('f:') && (builtIn ? alwaysThere.has(field) : field === 'metadata');
  const isBare = children !== undefined && mayBeBare;
  const fields: Record<string, FieldsV1> = {};
  for (const [inner, grandchild] of children ?? []) {
    const node = newNode(grandchild, inner, isBare);
    if (node) fields[inner] = node;
  }
  if (!isBare) return memberWith(fields);
  return isEmpty(fields) ? undefined : fields;
}

export interface Difference {
  /** New, or with another value. */
  readonly changed: FieldsV1;
  readonly removed: FieldsV1;
}

/** Compares two versions of an object, or of a map or merged list inside one. */
export function compareFields(before: unknown, after: unknown, place: Place): Difference {
  return compareChildren(childrenOf(before, place), childrenOf(after, place));
}

type Children = ReadonlyMap<string, Child>;

function compareChildren(before: Children = new Map(), after: Children = new Map()): Difference {
  const changed: Record<string, FieldsV1> = {};
  const removed: Record<string, FieldsV1> = {};
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const child = compareChild(before.get(element), after.get(element), element);
    if (child.changed) changed[element] = child.changed;
    if (child.removed) removed[element] = child.removed;
  }
  return { changed, removed };
}

function compareChild(old: Child | undefined, next: Child | undefined, element: string): Partial<Difference> {
  if (old && next) {
    if (old.value === next.value) return {};
    const [before, after] = [childrenOf(old.value, old.place), childrenOf(next.value, next.place)];
    if (before && after && Array.isArray(old.value) === Array.isArray(next.value)) {
      const { changed, removed } = compareChildren(before, after);
      return { ...(!isEmpty(changed) && { changed }), ...(!isEmpty(removed) && { removed }) };
    }
    if (isDeepStrictEqual(old.value, next.value)) return {};
  }
  const changed = next && newNode(next, element, true);
  const removed = old && newNode(old, element, true);
  return { ...(changed && { changed }), ...(removed && { removed }) };
}
