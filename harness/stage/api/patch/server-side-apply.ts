/** Server-side apply, and `metadata.managedFields`: who wrote which fields of an object. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { isMap, mapEntries, type JsonMap } from '../json.ts';
import { ApiStatus, badRequest, unprocessable, type StatusCause } from '../status.ts';
import {
  compareLeaves,
  elementOf,
  inside,
  isAtomicMap,
  keyValue,
  leavesOf,
  listKeys,
  pathsIn,
  readable,
  rootPlace,
  toFieldsV1,
  withoutLeaves,
  type Place,
} from './fields.ts';

/** One manager and what it owns. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339, whole seconds: when the set last grew, or the last apply that changed anything. */
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: JsonMap;
  readonly subresource?: string;
}

interface Writer {
  readonly manager: string;
  /** '' but for a write to it, for example `status`. */
  readonly subresource: string;
  readonly now: Date;
}

/** RFC 3339 with whole seconds, as all times in metadata. */
export const timeOf = (now: Date): string => now.toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The object with its entries after any write but an apply: who changes a field takes it from all others.
 * @param before undefined for a create.
 * @param after as it will be stored, but for `metadata.managedFields`: there stands what the client sent.
 */
export function recordUpdate(before: KubeObject | undefined, after: KubeObject, writer: Writer): KubeObject {
  const sent = writer.subresource === '' ? readManagedFields(after) : [];
  const entries = sent.length > 0 ? sent : readManagedFields(before);
  const { changed, removed } = compareLeaves(before, after);
  const kept = withoutPaths(entries, [...changed, ...removed]);
  if (changed.length === 0) return withManagedFields(after, kept);
  const same = kept.find((entry) => isSameManager(entry, entryOf('Update', after, writer, [])));
  const entry = entryOf('Update', after, writer, [...pathsIn(same?.fieldsV1), ...changed]);
  return withManagedFields(after, [...kept.filter((one) => one !== same), entry]);
}

/**
 * The object as it is to be stored, with its `metadata.managedFields`; `live` itself when the apply changes nothing.
 * Throws 409 when others own what would change, 400 and 422 when `applied` cannot be applied.
 * @param live undefined: the apply creates the object.
 * @param applied what was sent, without nulls and without what this way in does not write.
 * @param force takes fields from other managers instead of failing.
 */
export function serverSideApply(
  live: KubeObject | undefined,
  applied: KubeObject,
  writer: Writer,
  force: boolean,
): KubeObject {
  const { apiVersion, kind } = applied;
  if (applied.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  const sent = [...leavesOf(applied).keys()];
  const own = entryOf('Apply', applied, writer, sent);
  const entries = readManagedFields(live);
  const last = entries.find((entry) => isSameManager(entry, own));
  const others = entries.filter((entry) => entry !== last);
  const owned = new Set([...sent, ...others.flatMap((entry) => pathsIn(entry.fieldsV1))]);
  const dropped = pathsIn(last?.fieldsV1).filter((path) => !owned.has(path));

  const base = live ? withManagedFields(live, []) : { apiVersion, kind, metadata: {} as KubeObject['metadata'] };
  const result = merge(withoutLeaves(base, new Set(dropped)), applied, rootPlace(applied)) as KubeObject;
  const { changed, removed } = compareLeaves(base, result);
  if (!force) refuseConflicts(others, new Set(changed));
  const sameFields = last !== undefined && isDeepStrictEqual(last.fieldsV1, own.fieldsV1);
  if (live && sameFields && isDeepStrictEqual(base, result)) return live;
  const kept = withoutPaths(others, [...changed, ...removed]);
  return withManagedFields(result, sent.length === 0 ? kept : [...kept, own]);
}

function entryOf(
  operation: 'Apply' | 'Update',
  { apiVersion }: KubeObject,
  { manager, subresource, now }: Writer,
  paths: readonly string[],
): ManagedFields {
  const way = subresource === '' ? {} : { subresource };
  const fieldsV1 = toFieldsV1(paths);
  return { manager, operation, apiVersion, time: timeOf(now), fieldsType: 'FieldsV1', fieldsV1, ...way };
}

/** An applier is the same in all versions. */
function isSameManager(a: ManagedFields, b: ManagedFields): boolean {
  const isSame = a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;
  return isSame && (a.operation === 'Apply' || a.apiVersion === b.apiVersion);
}

/** The entries of an object; none when one of them is malformed (a client may have written anything). */
function readManagedFields(object: KubeObject | undefined): ManagedFields[] {
  const entries = (object?.metadata.managedFields ?? []) as ManagedFields[];
  const isEntry = ({ manager, operation, apiVersion, fieldsV1 }: ManagedFields): boolean =>
    ['Apply', 'Update'].includes(operation) && Boolean(manager) && Boolean(apiVersion) && isMap(fieldsV1);
  return entries.every(isEntry) ? entries : [];
}

/** The entries in the order of the API server: applies first, then by time, then by name. */
function withManagedFields(object: KubeObject, entries: readonly ManagedFields[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  if (entries.length === 0) return { ...object, metadata };
  const rank = ({ operation, time, manager, subresource = '' }: ManagedFields): string =>
    [operation, time, manager, subresource].join('\0');
  const managedFields = entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return { ...object, metadata: { ...metadata, managedFields } };
}

/** Takes leaves away from everybody; who has none left is gone. */
function withoutPaths(entries: readonly ManagedFields[], paths: readonly string[]): ManagedFields[] {
  const lost = new Set(paths);
  return entries.flatMap((entry) => {
    const own = pathsIn(entry.fieldsV1);
    const kept = own.filter((path) => !lost.has(path));
    if (kept.length === own.length) return [entry];
    return kept.length === 0 ? [] : [{ ...entry, fieldsV1: toFieldsV1(kept) }];
  });
}

/** Throws 409 with the words of the API server when another manager owns one of the fields. */
function refuseConflicts(others: readonly ManagedFields[], changed: ReadonlySet<string>): void {
  const conflicts = others.flatMap(({ manager, operation, apiVersion, subresource, fieldsV1 }) => {
    const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
    const fields = pathsIn(fieldsV1).filter((path) => changed.has(path));
    const who = operation === 'Update' ? `${name} using ${apiVersion}` : name;
    return fields.length === 0 ? [] : [{ who, fields: fields.map(readable).toSorted() }];
  });
  const causes = conflicts.flatMap(({ who, fields }) =>
    fields.map((field): StatusCause => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  const [first, second] = causes;
  if (!first) return;
  const lines = conflicts.flatMap(({ who, fields }) => [
    `conflicts with ${who}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  const message = second
    ? `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`
    : `Apply failed with 1 conflict: ${first.message}: ${first.field}`;
  throw new ApiStatus(409, 'Conflict', message, { causes });
}

/** `live` with all that `applied` says. Throws 422 when an item of a merged list lacks its keys or comes twice. */
function merge(live: unknown, applied: unknown, place: Place): unknown {
  if (isMap(applied) && !isAtomicMap(place)) {
    const before: JsonMap = isMap(live) ? live : {};
    const merged = mapEntries(applied, (value, key) =>
      merge(Object.hasOwn(before, key) ? before[key] : undefined, value, inside(place, key)),
    );
    return { ...before, ...merged };
  }
  const keys = listKeys(place);
  if (!Array.isArray(applied) || !keys) return applied;
  if (applied.some((item) => keys.some((key) => keyValue(item, key) === undefined))) {
    throw unprocessable(`${place}: an item lacks one of its key fields ${keys.join(', ')}`);
  }
  const wanted = new Map(applied.map((item) => [elementOf(item, keys), item as unknown]));
  if (wanted.size < applied.length) throw unprocessable(`${place}: duplicate entries`);
  // Items that are there keep their places, new ones come last.
  const there = (Array.isArray(live) ? live : []).map((item: unknown) => {
    const element = elementOf(item, keys);
    const own = wanted.get(element);
    return wanted.delete(element) ? merge(item, own, place) : item;
  });
  return [...there, ...wanted.values()];
}
