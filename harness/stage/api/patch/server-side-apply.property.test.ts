import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus } from '../status.ts';
import { appliedFields, compareFields, type Difference } from './compare.ts';
import { difference, intersection, isEmpty, pathsOf, union, type FieldsV1 } from './field-set.ts';
import { rootPlace } from './list-keys.ts';
import { neverOwned, recordUpdate, type ManagedFields } from './managed-fields.ts';
import { serverSideApply } from './server-side-apply.ts';
import { deepFreeze, deployment } from './testing/arbitrary.ts';

const now = new Date('2026-01-01T00:00:00Z');
const place = rootPlace('apps/v1', 'Deployment');

function apply(live: KubeObject | undefined, manager: string, applied: KubeObject, force = true): KubeObject {
  return deepFreeze(serverSideApply({ live, applied: deepFreeze(applied), manager, force, now }));
}

function update(before: KubeObject | undefined, manager: string, after: KubeObject): KubeObject {
  const managedFields = recordUpdate({ before, after: deepFreeze(after), manager, operation: 'Update', now });
  return deepFreeze({ ...after, metadata: { ...after.metadata, managedFields } });
}

const entriesOf = (object: KubeObject): ManagedFields[] => (object.metadata.managedFields ?? []) as ManagedFields[];
const fieldsOf = (object: KubeObject): FieldsV1 => difference(appliedFields(object, place), neverOwned);
const ownedBy = (object: KubeObject, manager: string): FieldsV1 =>
  entriesOf(object).find((entry) => entry.manager === manager)?.fieldsV1 ?? {};

interface Write {
  readonly manager: string;
  readonly isApply: boolean;
  readonly object: KubeObject;
}

/** Objects as several managers left them, by applies with force and by updates. */
const history: fc.Arbitrary<KubeObject> = fc
  .array(fc.record({ manager: fc.constantFrom('m1', 'm2', 'm3'), isApply: fc.boolean(), object: deployment }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((writes: Write[]) => {
    const [first, ...others] = writes;
    return others.reduce(
      (live, { manager, isApply, object }) => (isApply ? apply : update)(live, manager, object),
      (first?.isApply ? apply : update)(undefined, first?.manager ?? '', first?.object ?? ({} as KubeObject)),
    );
  });

test('applying twice is applying once', () => {
  fc.assert(
    fc.property(history, deployment, (live, applied) => {
      const once = apply(live, 'm1', applied);
      expect(apply(once, 'm1', applied, false)).toBe(once);
    }),
  );
});

test('what was applied is in the object, and the applier owns just that', () => {
  fc.assert(
    fc.property(history, deployment, (live, applied) => {
      const result = apply(live, 'new', applied);
      expect(ownedBy(result, 'new')).toEqual(fieldsOf(applied));
      expect(difference(fieldsOf(applied), fieldsOf(result))).toEqual({});
    }),
  );
});

/** Without what no manager owns. */
function differenceOf(before: KubeObject, after: KubeObject): Difference {
  const { changed, removed } = compareFields(before, after, place);
  return { changed: difference(changed, neverOwned), removed: difference(removed, neverOwned) };
}

const allOwned = (object: KubeObject): FieldsV1 =>
  entriesOf(object)
    .map(({ fieldsV1 }) => fieldsV1)
    .reduce(union, {});

test('what an applier drops and nobody else owns disappears, and nothing else', () => {
  fc.assert(
    fc.property(history, deployment, (live, applied) => {
      const sent = apply(live, 'new', applied);
      const { labels: _labels, finalizers: _finalizers, ...metadata } = applied.metadata;
      const dropped = apply(sent, 'new', { apiVersion: 'apps/v1', kind: 'Deployment', metadata });
      const others = allOwned(dropped);
      expect(ownedBy(dropped, 'new')).toEqual({});
      const stayed = intersection(fieldsOf(applied), fieldsOf(dropped));
      expect(pathsOf(difference(stayed, others))).toEqual([]);
      const { changed, removed } = differenceOf(sent, dropped);
      expect(changed).toEqual({});
      expect(pathsOf(intersection(removed, others))).toEqual([]);
    }),
  );
});

function applyWithoutForce(live: KubeObject, applied: KubeObject): KubeObject | ApiStatus {
  try {
    return apply(live, 'new', applied, false);
  } catch (problem) {
    return problem as ApiStatus;
  }
}

test('without force an apply is refused just when it would change what others own', () => {
  fc.assert(
    fc.property(history, deployment, (live, applied) => {
      const { changed } = differenceOf(live, apply(live, 'new', applied));
      const isRefused = applyWithoutForce(live, applied) instanceof ApiStatus;
      expect(isRefused).toBe(!isEmpty(intersection(changed, allOwned(live))));
    }),
  );
});

test('who applies what is there, and something new, owns it together with the others', () => {
  fc.assert(
    fc.property(history, (live) => {
      const { managedFields, ...metadata } = live.metadata;
      const applied = { ...live, metadata: { ...metadata, labels: { ...metadata.labels, new: '1' } } };
      const result = apply(live, 'new', applied, false);
      expect({ ...result, metadata: { ...result.metadata, managedFields: undefined } }).toEqual(applied);
      expect(entriesOf(result).filter(({ manager }) => manager !== 'new')).toEqual(managedFields);
    }),
  );
});

test('every owner owns only what is there, after any history', () => {
  fc.assert(
    fc.property(history, (object) => {
      const { changed } = compareFields(undefined, object, place);
      const there = union(changed, fieldsOf(object));
      expect(pathsOf(difference(allOwned(object), there))).toEqual([]);
    }),
  );
});

test('an update takes every field that it changes, and only those', () => {
  fc.assert(
    fc.property(history, deployment, (live, after) => {
      const result = update(live, 'new', after);
      const { changed } = differenceOf(live, result);
      const others = entriesOf(result).filter(({ manager }) => manager !== 'new');
      expect(ownedBy(result, 'new')).toEqual(changed);
      expect(others.filter(({ fieldsV1 }) => !isEmpty(intersection(fieldsV1, changed)))).toEqual([]);
    }),
  );
});
