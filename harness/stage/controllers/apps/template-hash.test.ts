import { expect, test } from 'vitest';
import type { PodTemplate } from '../base/kinds.ts';
import { templateHash } from './template-hash.ts';

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
