import { afterAll, beforeAll, expect } from 'vitest';
import type { KubeObject, WatchEvent } from '../../stage/client/types.ts';
import { openTestClient, type Answer, type TestClient } from '../../stage/api/testing/test-api.ts';
import { clientCertificate } from '../../stage/pki/pki.ts';
import { administrator, type ApiServer } from './api-server.ts';

export type { Answer } from '../../stage/api/testing/test-api.ts';

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A namespace of an API server for the tests of one file, as an administrator sees it. */
export interface ApiScope {
  readonly namespace: string;
  /** Paths of the namespace's collections. */
  readonly maps: string;
  readonly pods: string;
  readonly deployments: string;
  readonly call: TestClient['call'];
  /** A POST that has to succeed. */
  readonly create: (path: string, body: object) => Promise<KubeObject>;
  readonly patch: (type: keyof typeof patchTypes, path: string, body: unknown) => Promise<Answer>;
  readonly watch: (path: string, signal: AbortSignal) => AsyncGenerator<WatchEvent>;
}

/** Makes the namespace before the tests of a `describe`, and hangs up after them. */
export function openScope(server: ApiServer, namespace: string): ApiScope {
  let client: TestClient;
  const call: TestClient['call'] = async (...request) => await client.call(...request);
  const create = async (path: string, body: object): Promise<KubeObject> => {
    const { status, object, text } = await call('POST', path, { body });
    expect(status, text).toBe(201);
    return object;
  };
  beforeAll(async () => {
    client = openTestClient(server.url, server.ca.cert, await administrator(server.ca));
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    // Pods need it, and there is no controller that would make it.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, account);
  });
  afterAll(() => client.close());
  return {
    namespace,
    maps: `/api/v1/namespaces/${namespace}/configmaps`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    call,
    create,
    patch: async (type, path, body) =>
      await call('PATCH', path, { body, headers: { 'content-type': patchTypes[type] } }),
    watch: (path, signal) => client.watch(path, signal),
  };
}

/** A client of somebody else; without a name, of nobody. */
export async function openClient(
  server: ApiServer,
  user?: string,
  groups: readonly string[] = [],
): Promise<TestClient> {
  const identity = user === undefined ? undefined : await clientCertificate(server.ca, { user, groups });
  return openTestClient(server.url, server.ca.cert, identity);
}

export function configMap(name: string, more: { data?: object; metadata?: object } = {}): object {
  const { data, metadata } = more;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...(data && { data }) };
}

const container = { name: 'main', image: 'node:24' };

export function pod(name: string, more: { metadata?: object; spec?: object } = {}): object {
  const spec = { containers: [container], ...more.spec };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...more.metadata }, spec };
}

export function deployment(name: string, spec: object = {}): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

/** Names of the objects in a list. */
export function namesIn({ object }: Answer): string[] {
  return (object['items'] as KubeObject[]).map(({ metadata }) => metadata.name);
}
