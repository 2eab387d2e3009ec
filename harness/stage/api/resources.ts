/** The kinds that the API server serves: a table of those built in; CRDs add to the registry at runtime. */
import type { KubeObject, Resource } from '../client/types.ts';
import { at, listAt, textAt, textsAt } from './json.ts';

export interface ResourceType extends Resource {
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** For example `status`, `scale`, `log`. */
  readonly subresources: readonly string[];
  /** For example `all`, for `kubectl get all`. */
  readonly categories: readonly string[];
  /** Only POST, nothing is stored: reviews. */
  readonly createOnly: boolean;
  /** Set for kinds that a CustomResourceDefinition brought: its `additionalPrinterColumns`. */
  readonly printerColumns?: readonly unknown[];
}

/** `at` is `group/version`, or `v1`; the plural is the kind in lower case with an `s` unless it is given. */
type Row = { readonly at: string; readonly kind: string } & Partial<ResourceType>;

const cluster = { namespaced: false };
const review = { namespaced: false, createOnly: true };
const withStatus = { subresources: ['status'] };
const withScale = { subresources: ['status', 'scale'] };
const inAll = { categories: ['all'] };
const extensions = 'apiextensions.k8s.io/v1';
const flowcontrol = 'flowcontrol.apiserver.k8s.io/v1';
const rbac = 'rbac.authorization.k8s.io/v1';

const rows: readonly Row[] = [
  { at: 'v1', kind: 'Namespace', shortNames: ['ns'], ...cluster, subresources: ['status', 'finalize'] },
  { at: 'v1', kind: 'Node', shortNames: ['no'], ...cluster, ...withStatus },
  { at: 'v1', kind: 'Pod', shortNames: ['po'], ...inAll, subresources: ['status', 'log', 'eviction', 'binding'] },
  { at: 'v1', kind: 'Service', shortNames: ['svc'], ...inAll, ...withStatus },
  { at: 'v1', kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] },
  { at: 'v1', kind: 'ConfigMap', shortNames: ['cm'] },
  { at: 'v1', kind: 'Secret' },
  { at: 'v1', kind: 'ServiceAccount', shortNames: ['sa'], subresources: ['token'] },
  { at: 'v1', kind: 'Event', shortNames: ['ev'] },
  { at: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  { at: 'apps/v1', kind: 'Deployment', shortNames: ['deploy'], ...inAll, ...withScale },
  { at: 'apps/v1', kind: 'ReplicaSet', shortNames: ['rs'], ...inAll, ...withScale },
  { at: 'apps/v1', kind: 'DaemonSet', shortNames: ['ds'], ...inAll, ...withStatus },
  { at: 'apps/v1', kind: 'ControllerRevision' },
  { at: 'coordination.k8s.io/v1', kind: 'Lease' },
  { at: extensions, kind: 'CustomResourceDefinition', shortNames: ['crd', 'crds'], ...cluster, ...withStatus },
  { at: flowcontrol, kind: 'FlowSchema', ...cluster, ...withStatus },
  { at: flowcontrol, kind: 'PriorityLevelConfiguration', ...cluster, ...withStatus },
  { at: rbac, kind: 'Role' },
  { at: rbac, kind: 'RoleBinding' },
  { at: rbac, kind: 'ClusterRole', ...cluster },
  { at: rbac, kind: 'ClusterRoleBinding', ...cluster },
  { at: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', ...review },
  { at: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', ...review },
  { at: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', ...review },
];

export const builtInTypes: readonly ResourceType[] = rows.map(typeOf);

function typeOf({ at: apiVersion, ...row }: Row): ResourceType {
  const lists = { shortNames: [], subresources: [], categories: [] };
  const plural = `${row.kind.toLowerCase()}s`;
  return { ...splitApiVersion(apiVersion), plural, ...lists, namespaced: true, createOnly: false, ...row };
}

/** The type that a valid CustomResourceDefinition brings. */
export function customType(definition: KubeObject): ResourceType {
  const [version] = listAt(definition, 'spec.versions');
  const hasStatus = at(version, 'subresources.status') !== undefined;
  return typeOf({
    at: `${textAt(definition, 'spec.group')}/${textAt(version, 'name')}`,
    kind: textAt(definition, 'spec.names.kind'),
    plural: textAt(definition, 'spec.names.plural'),
    shortNames: textsAt(definition, 'spec.names.shortNames'),
    categories: textsAt(definition, 'spec.names.categories'),
    namespaced: textAt(definition, 'spec.scope') !== 'Cluster',
    ...(hasStatus && withStatus),
    printerColumns: listAt(version, 'additionalPrinterColumns'),
  });
}

/** False for what a CRD brought. */
export function isBuiltIn(type: ResourceType): boolean {
  return type.printerColumns === undefined;
}

/** `apps/v1` → group `apps`, version `v1`; `v1` is of the core group `''`. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The name under which the objects of a resource are stored, and messages name it: `pods`, `deployments.apps`. */
export function storageKey({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The built-in type of that name; for the server's own use. */
export function builtIn(plural: string): ResourceType {
  const type = builtInTypes.find((one) => one.plural === plural);
  if (!type) throw new Error(`No built-in resource ${plural}`);
  return type;
}
