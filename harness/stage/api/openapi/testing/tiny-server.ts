/** The smallest server that kubectl talks to: discovery, the OpenAPI documents, and objects in memory that are patched. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeObject } from '../../../client/types.ts';
import { jsonPatch } from '../../patch/json-patch.ts';
import { recordUpdate } from '../../patch/managed-fields.ts';
import { mergePatch } from '../../patch/merge-patch.ts';
import { serverSideApply } from '../../patch/server-side-apply.ts';
import { strategicMergePatch } from '../../patch/strategic-merge-patch.ts';
import { apiVersionOf, builtInTypes, type ResourceType } from '../../resources.ts';
import { ApiStatus, notAcceptable, notFound } from '../../status.ts';
import { toTable } from '../../table/table.ts';
import { openApiV2Accept, openApiV2Bytes, openApiV2ContentType, openApiV3, openApiV3Index } from '../openapi.ts';

const podChaos: ResourceType = {
  group: 'chaos-mesh.org',
  version: 'v1alpha1',
  plural: 'podchaos',
  kind: 'PodChaos',
  singular: 'podchaos',
  shortNames: [],
  namespaced: true,
  subresources: [],
  categories: [],
  createOnly: false,
};
const types = [...builtInTypes, podChaos];

export interface TinyServer {
  readonly url: string;
  /** By path. */
  readonly objects: Map<string, KubeObject>;
  /** Method, path and content type of every request, oldest first. */
  readonly requests: string[];
  /** Whether GET /openapi/v2 answers with protobuf, or with 406. */
  hasOpenApiV2: boolean;
  close(): Promise<void>;
}

export async function openTinyServer(): Promise<TinyServer> {
  const http = createServer((request, response) => {
    void answer(tiny, request).then(({ code, type, body }) => {
      response.writeHead(code, { 'content-type': type });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const tiny: TinyServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    objects: new Map(),
    requests: [],
    hasOpenApiV2: true,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return tiny;
}

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string | Buffer;
}

async function answer(tiny: TinyServer, request: IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '', tiny.url);
  tiny.requests.push(`${request.method} ${pathname} ${request.headers['content-type'] ?? ''}`.trim());
  try {
    if (pathname === '/openapi/v2') {
      if (!tiny.hasOpenApiV2 || request.headers.accept !== openApiV2Accept) throw notAcceptable(['application/json']);
      return { code: 200, type: openApiV2ContentType, body: openApiV2Bytes() };
    }
    const body = discovery(pathname) ?? resource(tiny.objects, request, searchParams, text);
    return { code: 200, type: 'application/json', body: JSON.stringify(body) };
  } catch (problem) {
    const status = problem instanceof ApiStatus ? problem : new ApiStatus(500, 'InternalError', String(problem));
    return { code: status.code, type: 'application/json', body: JSON.stringify(status.toObject()) };
  }
}

function discovery(path: string): unknown {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const named = [...new Set(types.map(apiVersionOf))].filter((groupVersion) => groupVersion !== 'v1');
    const groups = named.map((groupVersion) => {
      const [name, version] = groupVersion.split('/');
      return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  if (path === '/openapi/v3') return openApiV3Index(types);
  const document = /^\/openapi\/v3\/api(?:s\/([^/]+))?\/([^/]+)$/.exec(path);
  if (document) return openApiV3(types, document[1] ?? '', document[2] ?? '');
  const groupVersion = /^\/apis?\/((?:[^/]+\/)?v[^/]+)$/.exec(path)?.[1];
  if (groupVersion === undefined) return undefined;
  const verbs = ['get', 'list', 'create', 'patch'];
  const resources = types
    .filter((type) => apiVersionOf(type) === groupVersion)
    .map((type) => ({ ...type, name: type.plural, singularName: type.singular, verbs }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

const resourcePath = /^\/apis?\/((?:[^/]+\/)?v[^/]+)(?:\/namespaces\/[^/]+)?\/([a-z]+)(?:\/([^/]+))?$/;

type Objects = Map<string, KubeObject>;

function resource(objects: Objects, request: IncomingMessage, query: URLSearchParams, text: string): unknown {
  const path = (request.url ?? '').replace(/\?.*$/, '');
  const [, groupVersion, plural, name] = resourcePath.exec(path) ?? [];
  const type = types.find((one) => one.plural === plural && apiVersionOf(one) === groupVersion);
  if (!type) throw notFound();
  const manager = query.get('fieldManager') ?? 'unknown';
  const sent = text === '' ? undefined : (JSON.parse(text) as KubeObject);
  if (request.method === 'POST' && sent) {
    return store(objects, `${path}/${sent.metadata.name}`, recorded(undefined, sent, manager));
  }
  if (name === undefined)
    return toTable(
      type,
      [...objects.values()].filter(({ kind }) => kind === type.kind),
    );
  const live = objects.get(path);
  if (sent && request.headers['content-type'] === 'application/apply-patch+yaml') {
    const force = query.get('force') === 'true';
    return store(objects, path, serverSideApply({ live, applied: sent, manager, force, now: new Date() }));
  }
  if (!live) throw notFound(type, name);
  if (sent) return store(objects, path, recorded(live, patched(request, live, sent), manager));
  return request.headers.accept?.includes('as=Table') ? toTable(type, [live]) : live;
}

function patched(request: IncomingMessage, live: KubeObject, patch: unknown): KubeObject {
  const type = request.headers['content-type'];
  if (type === 'application/json-patch+json') return jsonPatch(live, patch);
  if (type === 'application/strategic-merge-patch+json') return strategicMergePatch(live, patch, live.kind);
  return mergePatch(live, patch);
}

function recorded(before: KubeObject | undefined, after: KubeObject, manager: string): KubeObject {
  const managedFields = recordUpdate({ before, after, manager, operation: 'Update', now: new Date() });
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

function store(objects: Objects, path: string, object: KubeObject): KubeObject {
  const identity = { uid: 'u', resourceVersion: '1', namespace: 'default' };
  const stored = { ...object, metadata: { ...identity, ...object.metadata } };
  objects.set(path, stored);
  return stored;
}
