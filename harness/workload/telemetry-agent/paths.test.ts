import { expect, it } from 'vitest';
import { impersonatedNodes, listPath, watchPath } from './paths.ts';

it.each([
  ['full-list-quorum', 'pods', '/api/v1/pods'],
  ['full-list-rv0', 'configmaps', '/api/v1/configmaps?resourceVersion=0'],
  ['full-list-rv0', 'endpointslices', '/apis/discovery.k8s.io/v1/endpointslices?resourceVersion=0'],
  ['node-list-quorum', 'pods', '/api/v1/pods?fieldSelector=spec.nodeName%3Da'],
  ['node-list-rv0', 'pods', '/api/v1/pods?resourceVersion=0&fieldSelector=spec.nodeName%3Da'],
  ['watch', 'pods', '/api/v1/pods?resourceVersion=0&fieldSelector=spec.nodeName%3Da'],
  ['watch', 'nodes', '/api/v1/nodes?resourceVersion=0'],
] as const)('in mode %s lists %s as %s', (mode, resource, path) => {
  expect(listPath({ mode, resource }, 'a')).toBe(path);
});

it('watches what it has listed, from there on', () => {
  expect(watchPath({ mode: 'watch', resource: 'pods' }, 'a', '17', 300)).toBe(
    '/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=17&timeoutSeconds=300&fieldSelector=spec.nodeName%3Da',
  );
  expect(watchPath({ mode: 'watch', resource: 'services' }, 'a', '17', 300)).not.toContain('fieldSelector');
});

it('stands for its own node, and for fake ones beyond it', () => {
  expect(impersonatedNodes('worker', 1)).toEqual(['worker']);
  expect(impersonatedNodes('worker', 3)).toEqual(['worker', 'blackstart-fake-0001', 'blackstart-fake-0002']);
});
