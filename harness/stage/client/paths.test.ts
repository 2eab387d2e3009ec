import { expect, test } from 'vitest';
import { resourcePath } from './paths.ts';
import { resources } from './resources.ts';

test.each([
  [resources.pods, undefined, undefined, undefined, '/api/v1/pods'],
  [resources.pods, 'x', 'a', 'status', '/api/v1/namespaces/x/pods/a/status'],
  [resources.deployments, 'x', undefined, undefined, '/apis/apps/v1/namespaces/x/deployments'],
  [resources.nodes, undefined, 'n', undefined, '/api/v1/nodes/n'],
  [resources.namespaces, 'x', 'x', 'finalize', '/api/v1/namespaces/x/finalize'],
  [resources.pods, 'x', '../a', undefined, '/api/v1/namespaces/x/pods/..%2Fa'],
])('%j in %s named %s, subresource %s is at %5$s', (resource, namespace, name, subresource, path) => {
  expect(resourcePath(resource, namespace, name, subresource)).toBe(path);
});
