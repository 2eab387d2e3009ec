import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { applyConflict, badRequest, type StatusCause } from '../status.ts';
import { appliedFields, compareFields } from './compare.ts';
import { difference, intersection, isEmpty, pathsOf, union, type FieldsV1 } from './field-set.ts';
import { isMap, mapEntries } from './json.ts';
import { rootPlace } from './list-keys.ts';
import {
  identityOf,
  neverOwned,
  readManagedFields,
  recordUpdate,
  sortEntries,
  timeOf,
  withoutFields,
  type ManagedFields,
} from './managed-fields.ts';
import { mergeApplied, pruneFields } from './merge-applied.ts';

interface ApplyRequest {
  /** Undefined: the apply creates the object. */
  readonly live: KubeObject | undefined;
  /** What was sent, without what the endpoint does not write (`status`, or for `status` everything else). */
  readonly applied: KubeObject;
  /** The field manager. */
  readonly manager: string;
  /** Takes fields from other managers instead of failing. */
  readonly force: boolean;
  readonly subresource?: string | undefined;
  readonly now: Date;
}

/**
 * Server-side apply: the object as it is to be stored, with its `metadata.managedFields`. It is `live` itself when the apply
 * changes nothing. A resourceVersion or uid that was applied is in the result; checking it is the caller's work, as with
 * an update. A field set to null counts as not sent. Throws 409 when others own what would change, 400 and 422 when
 * `applied` cannot be applied.
 */
export function serverSideApply(request: ApplyRequest): KubeObject {
  const { live, manager, subresource, now } = request;
  const applied = withoutNulls(request.applied) as KubeObject;
  const { apiVersion, kind } = applied;
  if (applied.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  const place = rootPlace(apiVersion, kind);
  const sent = appliedFields(applied, place);
  const identity = {
    manager,
    operation: 'Apply',
    apiVersion,
    ...(subresource !== undefined && { subresource }),
  } as const;
  const own: ManagedFields = {
    ...identity,
    time: timeOf(now),
    fieldsType: 'FieldsV1',
    fieldsV1: difference(sent, neverOwned),
  };

  const entries = live ? entriesOf(live, now) : [];
  const last = entries.find((entry) => identityOf(entry) === identityOf(own));
  const others = entries.filter((entry) => entry !== last);
  const owned = others.reduce((fields, entry) => union(fields, entry.fieldsV1), sent);
  const base = live ? withManagedFields(live, []) : { apiVersion, kind, metadata: {} };
  const pruned = pruneFields(base, last?.fieldsV1 ?? {}, owned, place);
  const result = mergeApplied(pruned, applied, place) as KubeObject;

  const { changed, removed } = compareFields(base, result, place);
  if (!request.force) refuseConflicts(others, changed);
  const kept = withoutFields(others, union(changed, removed));
  const sameFields = last !== undefined && isDeepStrictEqual(last.fieldsV1, own.fieldsV1);
  if (live && sameFields && isDeepStrictEqual(base, result)) return live;
  return withManagedFields(result, isEmpty(own.fieldsV1) ? kept : [...kept, own]);
}

/** The entries of the object; if it has none, all of it was written before the first apply. */
function entriesOf(live: KubeObject, now: Date): ManagedFields[] {
  const entries = readManagedFields(live);
  if (entries.length > 0) return entries;
  const after = withManagedFields(live, []);
  return recordUpdate({ before: undefined, after, manager: 'before-first-apply', operation: 'Update', now });
}

function withManagedFields(object: KubeObject, entries: readonly ManagedFields[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  if (entries.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: sortEntries(entries) } };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isMap(value) ? mapEntries(value, (field) => (field === null ? undefined : withoutNulls(field))) : value;
}

/** Throws 409 with the words of the API server when another manager owns one of the fields. */
function refuseConflicts(others: readonly ManagedFields[], changed: FieldsV1): void {
  const conflicts = others
    .toSorted((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1))
    .map((entry) => ({ name: nameOf(entry), paths: pathsOf(intersection(entry.fieldsV1, changed)) }))
    .filter(({ paths }) => paths.length > 0);
  const causes = conflicts.flatMap(({ name, paths }) =>
    paths.map((field): StatusCause => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  const [first, second] = causes;
  if (!first) return;
  if (!second) throw applyConflict(`Apply failed with 1 conflict: ${first.message}: ${first.field}`, causes);
  const lines = conflicts.flatMap(({ name, paths }) => [
    `conflicts with ${name}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  throw applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes);
}

function nameOf({ manager, operation, apiVersion, subresource }: ManagedFields): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
