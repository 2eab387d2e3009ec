/** `metadata.managedFields`: who wrote which fields of an object. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { compareFields } from './compare.ts';
import { difference, isEmpty, isFieldsV1, union, type FieldsV1 } from './field-set.ts';
import { isMap } from './json.ts';
import { rootPlace } from './list-keys.ts';

/** One manager and what it owns. Managers are told apart by name, operation, subresource, and for updates apiVersion. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339, whole seconds: when the set last grew, or the last apply that changed anything. */
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldsV1;
  readonly subresource?: string;
}

/** More entries for updates than this are merged, oldest first, as the API server does it. */
const maxUpdateEntries = 10;

const serverOwned = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** What no manager owns. */
export const neverOwned: FieldsV1 = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': { '.': {}, ...Object.fromEntries(serverOwned.map((field) => [`f:${field}`, {}])) },
};

/** The entries of an object; none when one of them is malformed (a client may have written anything). */
export function readManagedFields(object: KubeObject | undefined): ManagedFields[] {
  const entries: unknown = object?.metadata.managedFields;
  return Array.isArray(entries) && entries.every(isEntry) ? entries : [];
}

function isEntry(entry: unknown): entry is ManagedFields {
  return (
    isMap(entry) &&
    (entry['operation'] === 'Apply' || entry['operation'] === 'Update') &&
    ['manager', 'apiVersion'].every((field) => typeof entry[field] === 'string' && entry[field] !== '') &&
    ['time', 'subresource'].every((field) => entry[field] === undefined || typeof entry[field] === 'string') &&
    entry['fieldsType'] === 'FieldsV1' &&
    isFieldsV1(entry['fieldsV1'])
  );
}

interface UpdateRequest {
  /** The object as it was, undefined for a create. */
  readonly before: KubeObject | undefined;
  /** The object as it will be stored, but for `metadata.managedFields`: there stands what the client sent. */
  readonly after: KubeObject;
  readonly manager: string;
  readonly operation: 'Update';
  /** Set only for a write to it, for example `status`. */
  readonly subresource?: string | undefined;
  readonly now: Date;
}

/**
 * The entries after any write but an apply. Who changes a field takes it from all others. A client may write entries of its
 * own, and forget all of them with `[]` or `[{}]`; an object without entries is not tracked again until somebody applies.
 */
export function recordUpdate(request: UpdateRequest): ManagedFields[] {
  const { before, after, manager, operation, subresource, now } = request;
  const { apiVersion, kind } = after;
  const entries = entriesToUpdate(request);
  if (before && entries.length === 0) return [];
  const compared = compareFields(before, after, rootPlace(apiVersion, kind));
  const changed = difference(compared.changed, neverOwned);
  const lost = union(changed, compared.removed);
  const kept = isEmpty(lost) ? entries : withoutFields(entries, lost);
  if (isEmpty(changed)) return sortEntries(kept);
  const entry = {
    manager,
    operation,
    apiVersion,
    time: timeOf(now),
    fieldsType: 'FieldsV1',
    fieldsV1: changed,
  } as const;
  return capEntries(mergeEntry(kept, { ...entry, ...(subresource !== undefined && { subresource }) }));
}

function entriesToUpdate({ before, after, subresource }: UpdateRequest): ManagedFields[] {
  const sent = after.metadata.managedFields;
  if (subresource === undefined && sent) {
    if (sent.length === 0 || isDeepStrictEqual(sent, [{}])) return [];
    const entries = readManagedFields(after);
    if (entries.length > 0) return entries;
  }
  return readManagedFields(before);
}

/** RFC 3339 with whole seconds. */
export const timeOf = (now: Date): string => now.toISOString().replace(/\.\d+Z$/, 'Z');

/** Tells managers apart, and orders them as the API server does. An applier is the same in all versions. */
export function identityOf({ manager, operation, apiVersion, subresource }: ManagedFields): string {
  return JSON.stringify({ manager, operation, ...(operation === 'Update' && { apiVersion }), subresource });
}

/** Takes fields away from everybody; who has none left is gone. */
export function withoutFields(entries: readonly ManagedFields[], fields: FieldsV1): ManagedFields[] {
  return entries
    .map((entry) => ({ ...entry, fieldsV1: difference(entry.fieldsV1, fields) }))
    .filter((entry) => !isEmpty(entry.fieldsV1));
}

/** Adds the fields to the entry of the same manager, or the entry. */
function mergeEntry(entries: readonly ManagedFields[], added: ManagedFields): ManagedFields[] {
  const own = entries.find((entry) => identityOf(entry) === identityOf(added));
  const fieldsV1 = own ? union(own.fieldsV1, added.fieldsV1) : added.fieldsV1;
  return [...entries.filter((entry) => entry !== own), { ...added, fieldsV1 }];
}

/** The order of the API server: applies first, then by time, then by name. */
export function sortEntries(entries: readonly ManagedFields[]): ManagedFields[] {
  const rank = (entry: ManagedFields): string =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion, entry.subresource ?? ''].join('\0');
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function capEntries(entries: readonly ManagedFields[]): ManagedFields[] {
  const sorted = sortEntries(entries);
  const updates = sorted.filter((entry) => entry.operation === 'Update');
  const excess = updates.length - maxUpdateEntries;
  if (excess <= 0) return sorted;
  const oldest = updates.slice(0, excess + 1);
  const { subresource: _, ...bucket } = oldest.reduce((merged, entry) => ({
    ...entry,
    manager: 'ancient-changes',
    fieldsV1: union(merged.fieldsV1, entry.fieldsV1),
  }));
  return sortEntries([...sorted.filter((entry) => !oldest.includes(entry)), bucket]);
}
