import { expect, test } from 'vitest';
import { pinnedVersions } from './versions.ts';

test('the node image is pinned by digest', () => {
  expect(pinnedVersions().kindNodeImage).toMatch(/^kindest\/node:v1\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
});
