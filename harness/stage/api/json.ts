/** JSON values whose shape nobody has checked. */
export type JsonMap = Record<string, unknown>;

/** True for what JSON calls an object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of the map with the entries that `change` gives; undefined leaves one out. */
export function mapEntries(map: JsonMap, change: (value: unknown, key: string) => unknown): JsonMap {
  const entries = Object.entries(map).map(([key, value]): [string, unknown] => [key, change(value, key)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** In Go's JSON null is the same as absent; here it never gets stored. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls) as T;
  if (!isMap(value)) return value;
  return mapEntries(value, (inner) => (inner === null ? undefined : withoutNulls(inner))) as T;
}

/** What is at a path such as `spec.nodeName`; undefined when it is not there. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) found = isMap(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

/** The scalar there as a text; empty when there is none. */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

export function listAt(value: unknown, path: string): unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** The texts in the list there. */
export function textsAt(value: unknown, path: string): string[] {
  return listAt(value, path).filter((item) => typeof item === 'string');
}
