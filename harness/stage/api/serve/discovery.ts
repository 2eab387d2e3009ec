import { apiVersionOf, type ResourceType } from '../resources.ts';
import { notFound } from '../status.ts';
import { verbsOf } from '../rest/dispatch.ts';

/** Kinds that a subresource speaks, where it is not the kind of the object itself. */
const subresourceKinds: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

function kindOf(type: ResourceType, subresource: string): { group: string; version: string; kind: string } {
  return subresourceKinds[subresource] ?? { group: type.group, version: type.version, kind: type.kind };
}

function verbsOfType(type: ResourceType): readonly string[] {
  return type.createOnly ? ['create'] : verbsOf('');
}

/** `/api`. */
export function coreVersions(server: string): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: server }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** `/apis`. */
export function groupList(types: readonly ResourceType[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(types).map((group) => groupFields(types, group)) };
}

/** `/apis/GROUP`; throws 404. */
export function groupOf(types: readonly ResourceType[], group: string): object {
  if (group === '' || !groupsOf(types).includes(group)) throw notFound();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(types, group) };
}

function groupFields(types: readonly ResourceType[], group: string): object {
  const versions = versionsOf(types, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function groupsOf(types: readonly ResourceType[]): string[] {
  return [...new Set(types.map((type) => type.group))].filter((group) => group !== '');
}

function versionsOf(types: readonly ResourceType[], group: string): string[] {
  return [...new Set(types.filter((type) => type.group === group).map((type) => type.version))];
}

/** `/api/v1` and `/apis/GROUP/VERSION`; throws 404. */
export function resourceList(types: readonly ResourceType[], group: string, version: string): object {
  const served = types.filter((type) => type.group === group && type.version === version);
  if (served.length === 0) throw notFound();
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: served.flatMap((type) => [
      {
        name: type.plural,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: verbsOfType(type),
        ...namesOf(type),
      },
      ...type.subresources.map((subresource) => ({
        name: `${type.plural}/${subresource}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(subresourceKinds[subresource] ?? { kind: type.kind }),
        verbs: verbsOf(subresource),
      })),
    ]),
  };
}

function namesOf({ shortNames, categories }: ResourceType): object {
  return { ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
}

/** `/api` (of the core group) and `/apis` (of all others) for who asks for everything at once. */
export function aggregated(types: readonly ResourceType[], core: boolean): object {
  const groups = core ? [''] : groupsOf(types);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group !== '' && { name: group }), creationTimestamp: null },
      versions: versionsOf(types, group).map((version) => ({
        version,
        resources: types.filter((type) => type.group === group && type.version === version).map(discovered),
        freshness: 'Current',
      })),
    })),
  };
}

function discovered(type: ResourceType): object {
  return {
    resource: type.plural,
    responseKind: kindOf(type, ''),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOfType(type),
    ...namesOf(type),
    ...(type.subresources.length > 0 && {
      subresources: type.subresources.map((subresource) => ({
        subresource,
        responseKind: kindOf(type, subresource),
        verbs: verbsOf(subresource),
      })),
    }),
  };
}
