/** What is served, as clients ask for it: group by group, or all at once. */
import { apiVersionOf, type ResourceType } from '../resources.ts';
import { verbsOf } from '../rest/dispatch.ts';
import { notFound } from '../status.ts';

/** Kinds that a subresource speaks, where it is not the kind of the object itself. */
const subresourceKinds: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

/** Answers `/`, `/api`, `/apis` and what is below them; throws 404. */
export function discover(types: readonly ResourceType[], path: string, serverAddress: string): object {
  const [, root, first = '', second = '', more] = path.split('/');
  if (more !== undefined) throw notFound();
  if (root === '') return { paths: ['/api', '/apis', '/healthz', '/livez', '/metrics', '/readyz', '/version'] };
  if (path === '/api') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
  }
  if (root === 'api') return resourceList(types, '', first);
  const groups = groupsOf(types).map((name) => groupOf(types, name));
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  if (root === 'apis' && second !== '') return resourceList(types, first, second);
  const group = groups.find(({ name }) => name === first);
  if (root !== 'apis' || !group) throw notFound();
  return { kind: 'APIGroup', apiVersion: 'v1', ...group };
}

function groupsOf(types: readonly ResourceType[]): string[] {
  return [...new Set(types.map((type) => type.group))].filter((group) => group !== '');
}

function versionsOf(types: readonly ResourceType[], group: string): string[] {
  return [...new Set(types.filter((type) => type.group === group).map((type) => type.version))];
}

function groupOf(types: readonly ResourceType[], name: string) {
  const versions = versionsOf(types, name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** What both forms say of a kind. */
function commonOf(type: ResourceType): object {
  const { kind, shortNames, categories } = type;
  const names = { ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
  return { kind, verbs: verbsOf(type, ''), ...names };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; throws 404. */
function resourceList(types: readonly ResourceType[], group: string, version: string): object {
  const served = types.filter((type) => type.group === group && type.version === version);
  if (served.length === 0) throw notFound();
  const resources = served.flatMap((type) => {
    const { plural: name, namespaced, kind } = type;
    const subresources = type.subresources.map((subresource) => ({
      ...(subresourceKinds[subresource] ?? { kind }),
      name: `${name}/${subresource}`,
      singularName: '',
      namespaced,
      verbs: verbsOf(type, subresource),
    }));
    return [{ ...commonOf(type), name, singularName: kind.toLowerCase(), namespaced }, ...subresources];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

/** `/api` (of the core group) and `/apis` (of all others) for who asks for everything at once. */
export function aggregated(types: readonly ResourceType[], core: boolean): object {
  const items = (core ? [''] : groupsOf(types)).map((group) => ({
    metadata: { ...(group !== '' && { name: group }), creationTimestamp: null },
    versions: versionsOf(types, group).map((version) => ({
      version,
      resources: types.filter((type) => type.group === group && type.version === version).map(discovered),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function discovered(type: ResourceType): object {
  const { group, version, kind, plural } = type;
  const responseKind = { group, version, kind };
  const subresources = type.subresources.map((subresource) => ({
    subresource,
    responseKind: subresourceKinds[subresource] ?? responseKind,
    verbs: verbsOf(type, subresource),
  }));
  const scope = type.namespaced ? 'Namespaced' : 'Cluster';
  return {
    ...commonOf(type),
    resource: plural,
    responseKind,
    scope,
    singularResource: kind.toLowerCase(),
    subresources,
  };
}
