/** The kinds that the API server serves: a table of those built in; CRDs add to the registry at runtime. */
import type { KubeObject, Resource } from '../client/types.ts';

export interface ResourceType extends Resource {
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** For example `status`, `scale`, `log`. */
  readonly subresources: readonly string[];
  /** For example `all`, for `kubectl get all`. */
  readonly categories: readonly string[];
  /** Only POST, nothing is stored: reviews. */
  readonly createOnly: boolean;
  /** Set for kinds that a CustomResourceDefinition brought: its `additionalPrinterColumns`. */
  readonly printerColumns?: readonly PrinterColumn[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

interface Row {
  /** `group/version`, or `v1`. */
  readonly at: string;
  readonly kind: string;
  /** Default: the kind in lower case with an `s`. */
  readonly plural?: string;
  readonly short?: readonly string[];
  readonly cluster?: boolean;
  readonly sub?: readonly string[];
  readonly all?: boolean;
  readonly createOnly?: boolean;
}

const flowcontrol = 'flowcontrol.apiserver.k8s.io/v1';
const reviews = 'authorization.k8s.io/v1';

const rows: readonly Row[] = [
  { at: 'v1', kind: 'Namespace', short: ['ns'], cluster: true, sub: ['status', 'finalize'] },
  { at: 'v1', kind: 'Node', short: ['no'], cluster: true, sub: ['status'] },
  { at: 'v1', kind: 'Pod', short: ['po'], sub: ['status', 'log', 'eviction', 'binding'], all: true },
  { at: 'v1', kind: 'Service', short: ['svc'], sub: ['status'], all: true },
  { at: 'v1', kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
  { at: 'v1', kind: 'ConfigMap', short: ['cm'] },
  { at: 'v1', kind: 'Secret' },
  { at: 'v1', kind: 'ServiceAccount', short: ['sa'], sub: ['token'] },
  { at: 'v1', kind: 'Event', short: ['ev'] },
  { at: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  { at: 'apps/v1', kind: 'Deployment', short: ['deploy'], sub: ['status', 'scale'], all: true },
  { at: 'apps/v1', kind: 'ReplicaSet', short: ['rs'], sub: ['status', 'scale'], all: true },
  { at: 'apps/v1', kind: 'DaemonSet', short: ['ds'], sub: ['status'], all: true },
  { at: 'apps/v1', kind: 'ControllerRevision' },
  { at: 'coordination.k8s.io/v1', kind: 'Lease' },
  {
    at: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    short: ['crd', 'crds'],
    cluster: true,
    sub: ['status'],
  },
  { at: flowcontrol, kind: 'FlowSchema', cluster: true, sub: ['status'] },
  { at: flowcontrol, kind: 'PriorityLevelConfiguration', cluster: true, sub: ['status'] },
  { at: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { at: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { at: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', cluster: true },
  { at: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', cluster: true },
  { at: reviews, kind: 'SelfSubjectAccessReview', cluster: true, createOnly: true },
  { at: reviews, kind: 'SelfSubjectRulesReview', cluster: true, createOnly: true },
  { at: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', cluster: true, createOnly: true },
];

export const builtInTypes: readonly ResourceType[] = rows.map(typeOf);

function typeOf(row: Row): ResourceType {
  const singular = row.kind.toLowerCase();
  return {
    ...splitApiVersion(row.at),
    plural: row.plural ?? `${singular}s`,
    kind: row.kind,
    singular,
    shortNames: row.short ?? [],
    namespaced: !row.cluster,
    subresources: row.sub ?? [],
    categories: row.all ? ['all'] : [],
    createOnly: row.createOnly ?? false,
  };
}

/** False for what a CRD brought. */
export function isBuiltIn(type: ResourceType): boolean {
  return builtInTypes.includes(type);
}

/** `apps/v1` → group `apps`, version `v1`; `v1` is of the core group `''`. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function apiVersionOf(type: Pick<Resource, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The name under which objects of all versions of a resource are stored: `pods`, `deployments.apps`. */
export function storageKey(type: Pick<Resource, 'group' | 'plural'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** The built-in type of that name; for the server's own use. */
export function builtIn(plural: string): ResourceType {
  const type = builtInTypes.find((one) => one.plural === plural);
  if (!type) throw new Error(`No built-in resource ${plural}`);
  return type;
}

/** Which kinds are served now. */
export interface Registry {
  all(): readonly ResourceType[];
  find(group: string, version: string, plural: string): ResourceType | undefined;
  /** Replaces everything that came from CRDs. */
  setCustom(definitions: readonly KubeObject[]): void;
}

interface CrdSpec {
  group: string;
  scope?: string;
  names: { plural: string; kind: string; singular?: string; shortNames?: string[]; categories?: string[] };
  versions: {
    name: string;
    served?: boolean;
    subresources?: Record<string, unknown>;
    additionalPrinterColumns?: PrinterColumn[];
  }[];
}

export function openRegistry(): Registry {
  let types = byPath(builtInTypes);
  return {
    all: () => [...types.values()],
    find: (group, version, plural) => types.get(`${group}/${version}/${plural}`),
    setCustom: (definitions) => {
      types = byPath([...builtInTypes, ...definitions.flatMap(customTypes)]);
    },
  };
}

function byPath(types: readonly ResourceType[]): Map<string, ResourceType> {
  return new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
}

/** The types that a (valid) CustomResourceDefinition brings, one for each served version. */
export function customTypes(definition: KubeObject): ResourceType[] {
  const { group, scope, names, versions } = definition['spec'] as CrdSpec;
  return versions
    .filter((version) => version.served !== false)
    .map((version) => ({
      group,
      version: version.name,
      plural: names.plural,
      kind: names.kind,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      namespaced: scope !== 'Cluster',
      // No scale: the paths of its fields would have to be read from the definition.
      subresources: version.subresources?.['status'] ? ['status'] : [],
      categories: names.categories ?? [],
      createOnly: false,
      ...(version.additionalPrinterColumns && { printerColumns: version.additionalPrinterColumns }),
    }));
}
