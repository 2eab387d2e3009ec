import { negotiate } from '../request/negotiate.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { methodNotAllowed, notFound } from '../status.ts';
import { aggregated, coreVersions, groupList, groupOf, resourceList } from './discovery.ts';
import type { Exchange, Frontend } from './frontend.ts';
import { health } from './health.ts';
import { openApi } from './open-api.ts';
import { respond, respondJson } from './respond.ts';

const version = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: `node ${process.version}`,
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
const asGroups = 'APIGroupDiscoveryList;v2';
const groupsType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers everything that is no resource: health, version, metrics, discovery and OpenAPI. Throws 404 and 405. */
export async function serveOther(frontend: Frontend, exchange: Exchange, info: RequestInfo): Promise<void> {
  const { incoming, response } = exchange;
  const path = info.path.replace(/(.)\/$/, '$1');
  const [, root = ''] = path.split('/');
  const isHealth = ['livez', 'readyz', 'healthz'].includes(root);
  if (info.verb !== 'get' && !(isHealth && info.verb === 'head')) throw methodNotAllowed();
  if (isHealth) {
    const { code, text } = health(path, info.query, frontend.phase, () => isReadable(frontend));
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
    return await respond(incoming, response, code, text, headers);
  }
  if (path === '/metrics') {
    const { body, contentType } = await frontend.metrics.exposition();
    return await respond(incoming, response, 200, body, { 'content-type': contentType });
  }
  if (root === 'openapi') {
    const accept = incoming.headers.accept ?? '';
    const { contentType, body } = openApi(path, accept, frontend.registry.all());
    return await respond(incoming, response, 200, body, { 'content-type': contentType });
  }
  const { as } = negotiate(incoming.headers.accept, path === '/api' || path === '/apis' ? [asGroups] : []);
  const object = as === '' ? discover(frontend, path) : aggregated(frontend.registry.all(), path === '/api');
  await respondJson(incoming, response, 200, object, as === '' ? undefined : groupsType);
}

function isReadable({ api, phase }: Frontend): boolean {
  if (!api) return phase !== 'starting';
  try {
    api.store.sync();
    return true;
  } catch {
    return false;
  }
}

function discover({ registry, server }: Frontend, path: string): object {
  const types = registry.all();
  const [, root, group = '', versionName = '', more] = path.split('/');
  if (more !== undefined) throw notFound();
  switch (root) {
    case '':
      return { paths: pathsOf(frontendGroups(types)) };
    case 'version':
      return version;
    case 'api':
      return group === '' ? coreVersions(server) : resourceList(types, '', group);
    case 'apis':
      if (group === '') return groupList(types);
      return versionName === '' ? groupOf(types, group) : resourceList(types, group, versionName);
    case undefined:
    default:
      throw notFound();
  }
}

function frontendGroups(types: readonly { group: string; version: string }[]): string[] {
  return [...new Set(types.filter(({ group }) => group !== '').map(({ group, version: one }) => `${group}/${one}`))];
}

function pathsOf(groups: readonly string[]): string[] {
  const apis = groups.map((group) => `/apis/${group}`);
  return [
    '/api',
    '/api/v1',
    '/apis',
    ...apis,
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ];
}
