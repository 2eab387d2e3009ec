/**
 * Fields are owned leaf by leaf. A path is made of the elements of `metadata.managedFields`: `f:NAME` for a field,
 * `k:{…}` for an item of a merged list, `v:VALUE` for a member of a set. An item is a leaf beside what is in it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { isMap, mapEntries, type JsonMap } from '../json.ts';
import { splitApiVersion } from '../resources.ts';

type Leaves = Map<string, unknown>;

const separator = '\0';
const below = (path: string, element: string): string => (path === '' ? element : path + separator + element);
const isItem = (path: string): boolean => path.slice(path.lastIndexOf(separator) + 1).startsWith('k:');

const serverOwned = ['name', 'namespace', 'creationTimestamp', 'uid', 'generation', 'managedFields', 'resourceVersion'];
const neverOwned = ['f:apiVersion', 'f:kind', ...serverOwned.map((field) => below('f:metadata', `f:${field}`))];

/** The values of all leaves that can be owned, by their paths. */
export function leavesOf(object: KubeObject | undefined): Leaves {
  const leaves: Leaves = new Map();
  if (object) collect(object, rootPlace(object), '', leaves);
  for (const path of neverOwned) leaves.delete(path);
  return leaves;
}

/** Atomic values, scalars and empty maps are leaves; an empty list is nothing. */
function collect(value: unknown, place: Place, path: string, leaves: Leaves): void {
  const keys = listKeys(place);
  if (isMap(value) && !isAtomicMap(place) && Object.keys(value).length > 0) {
    for (const [key, field] of Object.entries(value))
      collect(field, inside(place, key), below(path, `f:${key}`), leaves);
  } else if (keys && Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const itemPath = below(path, elementOf(item, keys));
      leaves.set(itemPath, keys.length === 0 ? item : true);
      if (keys.length > 0) collect(item, place, itemPath, leaves);
    }
  } else leaves.set(path, value);
}

/** The path element of an item of a merged list. */
export function elementOf(item: unknown, keys: readonly string[]): string {
  if (keys.length === 0) return `v:${JSON.stringify(item)}`;
  const values = keys.toSorted().map((key) => [key, keyValue(item, key) ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/** Leaves that are new or have another value, and those that are gone. */
export function compareLeaves(
  before: KubeObject | undefined,
  after: KubeObject,
): { readonly changed: readonly string[]; readonly removed: readonly string[] } {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const changed = [...now].filter(([path, value]) => !old.has(path) || !isDeepStrictEqual(old.get(path), value));
  return { changed: changed.map(([path]) => path), removed: [...old.keys()].filter((path) => !now.has(path)) };
}

/** The object without those leaves, without what is in items that go, and without what becomes empty. */
export function withoutLeaves(object: KubeObject, dropped: ReadonlySet<string>): KubeObject {
  const prune = (value: unknown, place: Place, path: string): unknown => {
    if (dropped.has(path)) return undefined;
    const keys = listKeys(place);
    let kept = value;
    if (isMap(value) && !isAtomicMap(place)) {
      kept = mapEntries(value, (field, key) => prune(field, inside(place, key), below(path, `f:${key}`)));
    } else if (keys && Array.isArray(value)) {
      kept = value
        .map((item) => prune(item, place, below(path, elementOf(item, keys))))
        .filter((item) => item !== undefined);
    }
    return kept !== value && isEmpty(kept) && !isEmpty(value) ? undefined : kept;
  };
  return prune(object, rootPlace(object), '') as KubeObject;
}

function isEmpty(value: unknown): boolean {
  return Object.keys(value as object).length === 0;
}

/** The tree in which `managedFields` holds paths: an item that is a leaf and has others in it has the element `.`. */
export function toFieldsV1(paths: readonly string[]): JsonMap {
  const root: JsonMap = {};
  for (const path of paths) {
    let node = root;
    for (const element of path.split(separator)) node = (node[element] ??= {}) as JsonMap;
    if (isItem(path)) node['.'] = {};
  }
  return root;
}

/** The paths in such a tree. A client may have written anything there; what makes no sense is the path of nothing. */
export function pathsIn(tree: unknown, prefix = ''): string[] {
  if (!isMap(tree)) return [];
  return Object.entries(tree).flatMap(([element, node]) => {
    if (element === '.') return isItem(prefix) ? [prefix] : [];
    const path = below(prefix, element);
    return isMap(node) && !isEmpty(node) ? pathsIn(node, path) : [path];
  });
}

/** As people read it, for example `.spec.containers[name="web"].image`. */
export function readable(path: string): string {
  const elements = path.split(separator).map((element) => {
    const text = element.slice(2);
    if (element.startsWith('f:')) return `.${text}`;
    if (element.startsWith('v:')) return `[=${text}]`;
    const keys = Object.entries(JSON.parse(text) as JsonMap);
    return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
  });
  return elements.join('');
}

/**
 * The fields that tell the items of a list apart, by `enclosing field/list` (the kind encloses what is at the top).
 * The first one is the merge key of strategic merge patch, which has no second.
 */
const listMergeKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ...['containers', 'initContainers'].flatMap((list): [string, string[]][] => [
    [`spec/${list}`, ['name']],
    [`${list}/env`, ['name']],
    [`${list}/ports`, ['containerPort', 'protocol']],
    [`${list}/volumeMounts`, ['mountPath']],
  ]),
  ['spec/volumes', ['name']],
  ['spec/imagePullSecrets', ['name']],
  ['spec/topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
  ['spec/ports', ['port', 'protocol']],
  ['ServiceAccount/secrets', ['name']],
  ['status/conditions', ['type']],
  ['status/addresses', ['type']],
  ['status/podIPs', ['ip']],
  ['metadata/ownerReferences', ['uid']],
]);
const sets = ['metadata/finalizers', 'spec/podCIDRs'];
/** Maps that are atomic, and lists whose items are. */
const atomicMaps =
  `configMapKeyRef fieldRef imagePullSecrets involvedObject labelSelector nodeSelector ownerReferences related
  requiredDuringSchedulingIgnoredDuringExecution resourceFieldRef roleRef secretKeyRef secrets selector`.split(/\s+/);

/** Where a value stands in its object, as in the table; items of a list have the place of their list. */
export type Place = string;

/** Of a custom resource only the metadata has merged lists: its schema is not looked into. */
const custom: Place = 'custom';

/** The place of a whole object. The groups of built-in kinds have no dot, or end in `k8s.io`. */
export function rootPlace({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Place {
  const { group } = splitApiVersion(apiVersion);
  return !group.includes('.') || group.endsWith('.k8s.io') ? kind : custom;
}

/** The place of a field inside a map. */
export function inside(place: Place, field: string): Place {
  return place === custom && field !== 'metadata' ? custom : `${place.slice(place.indexOf('/') + 1)}/${field}`;
}

/** The keys of the items of a list of maps (none for a set), undefined for an atomic list. */
export function listKeys(place: Place): readonly string[] | undefined {
  return sets.includes(place) ? [] : listMergeKeys.get(place);
}

export function isAtomicMap(place: Place): boolean {
  return place.includes('/') && atomicMaps.includes(place.slice(place.indexOf('/') + 1));
}

/** The value of one key of an item; undefined when it is missing and has no default. */
export function keyValue(item: unknown, key: string): unknown {
  return (isMap(item) ? item[key] : undefined) ?? (key === 'protocol' ? 'TCP' : undefined);
}
