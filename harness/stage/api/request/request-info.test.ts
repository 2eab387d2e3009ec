import { expect, test } from 'vitest';
import { readRequestInfo } from './request-info.ts';

test.each([
  ['GET', '/api/v1/pods', 'list', ['', 'v1', 'pods', '', '', '']],
  ['GET', '/api/v1/namespaces/ns/pods?watch=true', 'watch', ['', 'v1', 'pods', 'ns', '', '']],
  ['GET', '/api/v1/namespaces/ns/pods?watch=false', 'list', ['', 'v1', 'pods', 'ns', '', '']],
  ['GET', '/api/v1/namespaces/ns/pods/p', 'get', ['', 'v1', 'pods', 'ns', 'p', '']],
  ['GET', '/api/v1/namespaces/ns/pods/p/log', 'get', ['', 'v1', 'pods', 'ns', 'p', 'log']],
  ['POST', '/apis/apps/v1/namespaces/ns/deployments', 'create', ['apps', 'v1', 'deployments', 'ns', '', '']],
  [
    'PUT',
    '/apis/apps/v1/namespaces/ns/deployments/d/scale',
    'update',
    ['apps', 'v1', 'deployments', 'ns', 'd', 'scale'],
  ],
  ['PATCH', '/api/v1/nodes/n/status', 'patch', ['', 'v1', 'nodes', '', 'n', 'status']],
  ['DELETE', '/api/v1/namespaces/ns/pods', 'deletecollection', ['', 'v1', 'pods', 'ns', '', '']],
  ['DELETE', '/api/v1/namespaces/ns', 'delete', ['', 'v1', 'namespaces', '', 'ns', '']],
  ['PUT', '/api/v1/namespaces/ns/finalize', 'update', ['', 'v1', 'namespaces', '', 'ns', 'finalize']],
  ['GET', '/api/v1/namespaces/ns/status', 'get', ['', 'v1', 'namespaces', '', 'ns', 'status']],
  ['GET', '/api/v1/namespaces', 'list', ['', 'v1', 'namespaces', '', '', '']],
  ['GET', '/api/v1/namespaces/a%20b/pods/', 'list', ['', 'v1', 'pods', 'a b', '', '']],
])('%s %s is %s', (method, url, verb, [apiGroup, version, resource, namespace, name, subresource]) => {
  const expected = { verb, apiGroup, version, resource, namespace, name, subresource };
  expect(readRequestInfo(method, url)).toMatchObject(expected);
});

test.each(['/', '/api', '/api/', '/api/v1', '/apis/apps', '/apis/apps/v1/', '/healthz', '/version?x=1'])(
  '%s is no resource',
  (url) => {
    expect(readRequestInfo('GET', url)).toMatchObject({ verb: 'get', resource: '' });
  },
);

test.each([
  '/api/v1/namespaces/../pods',
  '/api/v1/namespaces/%2e%2e/pods',
  '/api//v1/pods',
  '/api/v1/namespaces/a%2fb/pods',
  '/api/v1/namespaces/a%00/pods',
  '/api/v1/namespaces/ns/pods/p/log/more',
  '/./api/v1',
])('%s is not found', (url) => {
  expect(() => readRequestInfo('GET', url)).toThrow(expect.objectContaining({ code: 404 }));
});

test.each(['api/v1', '/api/v1/%zz', '/api/v1/%ff', `/${'a'.repeat(5_000)}`])('%s is a bad request', (url) => {
  expect(() => readRequestInfo('GET', url)).toThrow(expect.objectContaining({ code: 400 }));
});
