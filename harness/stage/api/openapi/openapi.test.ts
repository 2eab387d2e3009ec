import { expect, test } from 'vitest';
import { builtIn, builtInTypes } from '../resources.ts';
import { openApiV2Bytes, openApiV3, openApiV3Index } from './openapi.ts';

test('version 3 lists every group version, with a hash that changes with its kinds', () => {
  const { paths } = openApiV3Index(builtInTypes);
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/discovery.k8s.io/v1']));
  expect(paths['apis/apps/v1']?.serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
  const fewer = openApiV3Index([builtIn('deployments'), builtIn('pods')]).paths;
  expect(fewer['apis/apps/v1']).not.toEqual(paths['apis/apps/v1']);
});

const patchOf = (document: unknown, path: string): unknown =>
  (document as { paths: Record<string, { patch: unknown }> }).paths[path]?.patch;

test('a document says for each kind that the server validates fields, and what PATCH takes', () => {
  const podChaos = { ...builtIn('pods'), group: 'chaos-mesh.org', plural: 'podchaos', kind: 'PodChaos' };
  const pods = patchOf(openApiV3(builtInTypes, '', 'v1'), '/api/v1/namespaces/{namespace}/pods/{name}');
  expect(pods).toMatchObject({
    parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation', in: 'query' })]) as unknown,
    requestBody: { content: { 'application/strategic-merge-patch+json': {} } },
    'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' },
  });
  const custom = patchOf(
    openApiV3([podChaos], 'chaos-mesh.org', 'v1'),
    '/apis/chaos-mesh.org/v1/namespaces/{namespace}/podchaos/{name}',
  );
  expect(custom).toHaveProperty(['requestBody', 'content', 'application/merge-patch+json']);
  expect(custom).not.toHaveProperty(['requestBody', 'content', 'application/strategic-merge-patch+json']);
  expect(patchOf(openApiV3(builtInTypes, '', 'v1'), '/api/v1/nodes/{name}')).toBeDefined();
});

test('a group version that is not served has no document', () => {
  expect(openApiV3(builtInTypes, 'apps', 'v1beta1')).toBeUndefined();
});

test('version 2 is a protobuf message: 2.0, with title and version', () => {
  expect(openApiV2Bytes().toString('latin1')).toBe('\x0a\x032.0\x12\x15\x0a\x0aKubernetes\x12\x07v1.34.0');
});
