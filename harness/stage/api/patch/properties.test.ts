/** What holds of every patch: random objects with few names and values, so that they meet each other often. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { ApiStatus } from '../status.ts';
import { deepFreeze } from '../testing/objects.ts';
import { compareLeaves, leavesOf, pathsIn } from './fields.ts';
import { recordUpdate, serverSideApply, type ManagedFields } from './server-side-apply.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const text = fc.constantFrom('1', '2', '3');

function labels(...keys: string[]): fc.Arbitrary<Record<string, string> | undefined> {
  return optional(fc.dictionary(fc.constantFrom(...keys), text, { minKeys: 1, noNullPrototype: true }));
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** Maps with a unique `key`, at least one of them. */
function items(key: string, values: fc.Arbitrary<unknown>, rest: Record<string, fc.Arbitrary<unknown>>) {
  const item = fc.record({ [key]: values, ...rest });
  return fc.uniqueArray(item, { selector: (one) => one[key], minLength: 1, maxLength: 3 });
}

const container = {
  image: optional(fc.constantFrom('a:1', 'a:2')),
  command: optional(fc.array(text, { minLength: 1, maxLength: 2 })),
  env: optional(items('name', fc.constantFrom('A', 'B'), { value: text })),
  ports: optional(items('containerPort', fc.constantFrom(80, 81), { protocol: fc.constantFrom('TCP', 'UDP') })),
};

/** A Deployment with merged and atomic lists, sets, maps and scalars; nothing in it is empty or null. */
const deployment: fc.Arbitrary<KubeObject> = fc
  .record({
    labels: labels('a', 'b', 'c'),
    finalizers: optional(fc.uniqueArray(fc.constantFrom('f/a', 'f/b', 'f/c'), { minLength: 1 })),
    replicas: optional(fc.constantFrom(1, 2)),
    selector: labels('a', 'b'),
    nodeSelector: labels('n', 'm'),
    containers: items('name', fc.constantFrom('c1', 'c2', 'c3'), container),
  })
  .map(({ labels: all, finalizers, replicas, selector, nodeSelector, containers }) =>
    withoutUndefined({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', labels: all, finalizers },
      spec: { replicas, selector: { matchLabels: selector }, template: { spec: { nodeSelector, containers } } },
    }),
  );

function withoutUndefined(value: unknown): KubeObject {
  return JSON.parse(JSON.stringify(value)) as KubeObject;
}

const now = new Date('2026-01-01T00:00:00Z');

function apply(live: KubeObject | undefined, manager: string, applied: KubeObject, force = true): KubeObject {
  return deepFreeze(serverSideApply(live, deepFreeze(applied), { manager, subresource: '', now }, force));
}

function update(before: KubeObject | undefined, manager: string, after: KubeObject): KubeObject {
  return deepFreeze(recordUpdate(before, deepFreeze(after), { manager, subresource: '', now }));
}

const entriesOf = (object: KubeObject): ManagedFields[] => (object.metadata.managedFields ?? []) as ManagedFields[];
const fieldsOf = (object: KubeObject): string[] => [...leavesOf(object).keys()].toSorted();
const ownedBy = (object: KubeObject, manager: string): string[] =>
  entriesOf(object)
    .filter((entry) => entry.manager === manager)
    .flatMap(({ fieldsV1 }) => pathsIn(fieldsV1))
    .toSorted();
const allOwned = (object: KubeObject): Set<string> =>
  new Set(entriesOf(object).flatMap(({ fieldsV1 }) => pathsIn(fieldsV1)));

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
      expect(fieldsOf(result)).toEqual(expect.arrayContaining(fieldsOf(applied)));
    }),
  );
});

test('what an applier drops and nobody else owns disappears, and nothing else', () => {
  fc.assert(
    fc.property(history, deployment, (live, applied) => {
      const sent = apply(live, 'new', applied);
      const { labels: _labels, finalizers: _finalizers, ...metadata } = applied.metadata;
      const dropped = apply(sent, 'new', { apiVersion: 'apps/v1', kind: 'Deployment', metadata });
      const others = allOwned(dropped);
      expect(ownedBy(dropped, 'new')).toEqual([]);
      const stayed = fieldsOf(dropped).filter((path) => fieldsOf(applied).includes(path));
      expect(stayed.filter((path) => !others.has(path))).toEqual([]);
      const { changed, removed } = compareLeaves(sent, dropped);
      expect(changed).toEqual([]);
      expect(removed.filter((path) => others.has(path))).toEqual([]);
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
      const { changed } = compareLeaves(live, apply(live, 'new', applied));
      const isRefused = applyWithoutForce(live, applied) instanceof ApiStatus;
      expect(isRefused).toBe(changed.some((path) => allOwned(live).has(path)));
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

test('every leaf has an owner, and every owner owns only what is there, after any history', () => {
  fc.assert(
    fc.property(history, (object) => {
      expect([...allOwned(object)].toSorted()).toEqual(fieldsOf(object));
    }),
  );
});

test('an update takes every field that it changes, and only those', () => {
  fc.assert(
    fc.property(history, deployment, (live, after) => {
      const result = update(live, 'new', after);
      const { changed } = compareLeaves(live, result);
      expect(ownedBy(result, 'new')).toEqual(changed.toSorted());
      const others = entriesOf(result).filter(({ manager }) => manager !== 'new');
      expect(others.flatMap(({ fieldsV1 }) => pathsIn(fieldsV1)).filter((path) => changed.includes(path))).toEqual([]);
    }),
  );
});

test('a strategic merge patch applied twice is a patch applied once, and the empty patch changes nothing', () => {
  fc.assert(
    fc.property(deployment, deployment, (object, patch) => {
      const once = strategicMergePatch(deepFreeze(object), deepFreeze(patch));
      expect(strategicMergePatch(once, patch)).toEqual(once);
      expect(strategicMergePatch(object, {})).toEqual(object);
    }),
  );
});

test('a strategic merge patch of nulls for everything that an object has more leaves what both have', () => {
  fc.assert(
    fc.property(deployment, (object) => {
      const bare = {
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: { name: 'web', namespace: 'default' },
      };
      const nulls = { spec: null, metadata: { labels: null, finalizers: null } };
      expect(strategicMergePatch(object, nulls)).toEqual(bare);
    }),
  );
});
