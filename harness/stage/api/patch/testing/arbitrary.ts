/** Random objects for the property tests: few names and values, so that they meet each other often. */
import * as fc from 'fast-check';
import type { KubeObject } from '../../../client/types.ts';

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
export const deployment: fc.Arbitrary<KubeObject> = fc
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

/** Makes every change of what the value holds an error. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
