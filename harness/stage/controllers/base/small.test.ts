import { expect, test } from 'vitest';
import { seededRandom } from '../../../core/random.ts';
import { systemClock } from '../../../core/clock.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import type { PodTemplate } from './kinds.ts';
import { generatedName } from './names.ts';
import { matchesSelector, meets, selectorText } from './selectors.ts';
import { templateHash } from './template.ts';
import { TokenBucket } from './token-bucket.ts';

test.each([
  [3, 10, 'up', 3],
  ['25%', 10, 'up', 3],
  ['25%', 10, 'down', 2],
  ['100%', 7, 'up', 7],
  ['nonsense', 10, 'up', 0],
] as const)('%s of %i, rounded %s, is %i', (value, total, round, expected) => {
  expect(resolveIntOrPercent(value, total, round)).toBe(expected);
});

test('a generated name is never longer than a name may be', () => {
  expect(generatedName('x'.repeat(80), seededRandom(1))).toHaveLength(63);
  expect(generatedName('web-', seededRandom(1))).toMatch(/^web-[b-df-hj-np-tv-z24-9]{5}$/);
});

const selector = {
  matchLabels: { app: 'web' },
  matchExpressions: [
    { key: 'tier', operator: 'NotIn', values: ['test'] },
    { key: 'old', operator: 'DoesNotExist' },
    { key: 'hash', operator: 'Exists' },
  ],
};

test('everything in a selector must hold', () => {
  expect(matchesSelector(selector, { app: 'web', hash: '1' })).toBe(true);
  expect(matchesSelector(selector, { app: 'web', hash: '1', tier: 'test' })).toBe(false);
  expect(matchesSelector(selector, { app: 'web', hash: '1', old: '' })).toBe(false);
  expect(matchesSelector(selector, { app: 'web' })).toBe(false);
  expect(matchesSelector({}, {})).toBe(true);
  expect(matchesSelector(undefined, { app: 'web' })).toBe(false);
});

test('a selector can be sent to the API', () => {
  expect(selectorText(selector)).toBe('app in (web),tier notin (test),!old,hash');
});

test('labels can be compared as numbers, and what every object inherits is no label', () => {
  expect(meets({ cpus: '8' }, { key: 'cpus', operator: 'Gt', values: ['4'] })).toBe(true);
  expect(meets({}, { key: 'constructor', operator: 'Exists' })).toBe(false);
});

const template: PodTemplate = {
  metadata: { labels: { app: 'web', tier: 'x' } },
  spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }], terminationGracePeriodSeconds: 5 },
};

test('templates that mean the same have the same hash, as kubectl writes them back', () => {
  const rewritten = {
    spec: {
      terminationGracePeriodSeconds: 5,
      securityContext: {},
      hostNetwork: false,
      containers: [{ resources: {}, ports: [{ containerPort: 80, hostPort: 0 }], name: 'c', env: [] }],
    },
    metadata: { creationTimestamp: null, labels: { tier: 'x', app: 'web' } },
  } as unknown as PodTemplate;
  expect(templateHash(rewritten)).toBe(templateHash(template));
});

test.each([
  [{ ...template, metadata: { ...template.metadata, annotations: { at: 'now' } } }],
  [{ ...template, spec: { ...template.spec, terminationGracePeriodSeconds: 0 } }],
  [{ ...template, spec: { ...template.spec, enableServiceLinks: false } }],
  [{ ...template, spec: { ...template.spec, containers: [{ name: 'd' }] } }],
])('another template has another hash: %j', (other) => {
  expect(templateHash(other)).not.toBe(templateHash(template));
});

test('a bucket gives its burst at once, then so many per second', () => {
  let nowMs = 0;
  const bucket = new TokenBucket({ ...systemClock, monotonicMs: () => nowMs }, { burst: 2, perSecond: 10 });
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  expect([bucket.reserveMs(), bucket.reserveMs()]).toEqual([100, 200]);
  nowMs = 300;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
});
