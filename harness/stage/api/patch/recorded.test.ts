/**
 * Held against what Kubernetes itself does: the cases in golden/ were answered by the libraries of the real API server
 * (k8s.io/apimachinery 0.34.4: managedfields with the OpenAPI schemas of 1.34.4, and strategicpatch). We own leaves
 * only, Kubernetes also the maps and lists that hold them: what is compared are the leaves.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus } from '../status.ts';
import { isMap } from '../json.ts';
import { pathsIn } from './fields.ts';
import { recordUpdate, serverSideApply, type ManagedFields } from './server-side-apply.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

interface Step {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force?: boolean;
  readonly subresource?: string;
  readonly object: KubeObject;
  /** The lines of the refusal, sorted. */
  readonly error?: readonly string[];
  readonly stored?: unknown;
  readonly managedFields?: unknown;
}

interface PatchCase {
  readonly original: KubeObject;
  readonly patch: unknown;
  readonly result: unknown;
}

function read<T>(name: string): T[] {
  const text = readFileSync(new URL(`golden/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const numbered = <T>(cases: T[]): [number, T][] => cases.map((one, at) => [at, one]);

test.each(numbered(read<Step[]>('managed-fields')))('writes and applies, recorded case %i', (_, steps) => {
  let live: KubeObject | undefined;
  for (const step of steps) {
    const outcome = perform(live, step);
    expect(outcomeOf(outcome)).toEqual(step.error ? { error: step.error } : stored(step.stored, step.managedFields));
    if (!(outcome instanceof ApiStatus)) live = outcome;
  }
});

function outcomeOf(outcome: KubeObject | ApiStatus): unknown {
  if (outcome instanceof ApiStatus) return { error: outcome.message.split('\n').toSorted() };
  const { managedFields, ...metadata } = outcome.metadata;
  const entries = (managedFields as ManagedFields[]).map(({ time: _time, fieldsType: _type, ...entry }) => entry);
  return stored({ ...outcome, metadata }, entries);
}

const stored = (object: unknown, managedFields: unknown): unknown => ({
  object: withoutEmpty(object),
  managedFields: (managedFields as Entry[])
    .map(({ fieldsV1, ...entry }) => ({ ...entry, leaves: pathsIn(fieldsV1).filter(isLeaf).toSorted() }))
    .filter(({ leaves }) => leaves.length > 0)
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
});

const isLeaf = (path: string): boolean =>
  !/^f:(spec|metadata\0f:(annotations|labels|finalizers|ownerReferences))$/.test(path);

type Entry = Omit<ManagedFields, 'time' | 'fieldsType'>;
const nameOf = (entry: Omit<Entry, 'fieldsV1'>): string =>
  [entry.manager, entry.operation, entry.subresource ?? ''].join(' ');

function perform(live: KubeObject | undefined, step: Step): KubeObject | ApiStatus {
  const { op, manager, force = false, subresource = '', object } = step;
  const now = new Date('2026-01-01T00:00:00Z');
  try {
    const writer = { manager, subresource, now };
    return op === 'apply' ? serverSideApply(live, object, writer, force) : recordUpdate(live, object, writer);
  } catch (problem) {
    if (problem instanceof ApiStatus) return problem;
    throw problem;
  }
}

test.each(numbered(read<PatchCase>('strategic-merge-patch')))(
  'strategic merge patch, recorded case %i',
  (_, { original, patch, result }) => {
    expect(withoutEmpty(strategicMergePatch(original, patch))).toEqual(withoutEmpty(result));
  },
);

/** Go's structs do not keep empty maps and lists apart from missing ones; our order of lists is simpler. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(withoutEmpty).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, field]): [string, unknown] => [key, withoutEmpty(field)]);
  return Object.fromEntries(
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .filter(([, field]) => typeof field !== 'object' || field === null || Object.keys(field).length > 0),
  );
}
