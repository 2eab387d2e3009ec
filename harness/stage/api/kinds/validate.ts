import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { at, isMap, listAt, textAt } from '../json.ts';
import { builtInTypes, storageKey, type ResourceType } from '../resources.ts';
import { invalid, required, unsupported, wrong, type StatusCause } from '../status.ts';
import { specOf, type PodSpec, type ServiceSpec } from './types.ts';

type Problems = Generator<StatusCause, void, undefined>;

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

/** By storage key. */
const checks: Readonly<Record<string, (object: KubeObject) => Problems>> = {
  pods: (object) => containerProblems(object, 'spec'),
  'deployments.apps': workloadProblems,
  'replicasets.apps': workloadProblems,
  'daemonsets.apps': workloadProblems,
  services: serviceProblems,
  'clusterroles.rbac.authorization.k8s.io': roleProblems,
  'roles.rbac.authorization.k8s.io': roleProblems,
  'clusterrolebindings.rbac.authorization.k8s.io': (object) => bindingProblems(object, ['ClusterRole']),
  'rolebindings.rbac.authorization.k8s.io': (object) => bindingProblems(object, ['Role', 'ClusterRole']),
  'customresourcedefinitions.apiextensions.k8s.io': definitionProblems,
};

/** By kind: what no update may change. */
const fixedFields: Readonly<Record<string, string>> = {
  Pod: 'spec',
  Deployment: 'spec.selector',
  ReplicaSet: 'spec.selector',
  DaemonSet: 'spec.selector',
  ControllerRevision: 'data',
  RoleBinding: 'roleRef',
  ClusterRoleBinding: 'roleRef',
};

/** Throws 422 with everything that is wrong with an object that has its defaults. */
export function validate(type: ResourceType, object: KubeObject): void {
  const problems = [...metadataProblems(type, object), ...(checks[storageKey(type)]?.(object) ?? [])];
  if (problems.length > 0) throw invalid(type, object.metadata.name, problems);
}

/** Throws 422 when an update changes what is fixed, or of a pod more than images, tolerations and grace. */
export function validateChange(type: ResourceType, before: KubeObject, after: KubeObject): void {
  const field = fixedFields[type.kind] ?? '';
  const fixed = (object: KubeObject): unknown => {
    if (field !== 'spec') return at(object, field);
    const { tolerations: _t, terminationGracePeriodSeconds: _g, containers = [], ...rest } = specOf<PodSpec>(object);
    return { ...rest, containers: containers.map(({ image: _image, ...container }) => container) };
  };
  if (isDeepStrictEqual(fixed(before), fixed(after))) return;
  throw invalid(type, after.metadata.name, [wrong(field, 'field is immutable')]);
}

function* metadataProblems(type: ResourceType, { metadata }: KubeObject): Problems {
  const { name, labels = {}, ownerReferences = [] } = metadata;
  const isLabel = type.kind === 'Namespace' || type.kind === 'Service';
  const rule = type.group.startsWith('rbac.') ? /^[^/%]+$/ : isLabel ? label : subdomain;
  if (!rule.test(name)) yield wrong('metadata.name', `"${name}": must be a DNS name (RFC 1123)`);
  for (const [key, value] of Object.entries(labels)) {
    const isGood = labelKey.test(key) && labelValue.test(value);
    if (!isGood) yield wrong('metadata.labels', `"${key}=${value}": not a label`);
  }
  for (const [index, owner] of ownerReferences.entries()) {
    const isComplete = owner.apiVersion && owner.kind && owner.name && owner.uid;
    if (!isComplete) yield required(`metadata.ownerReferences[${index}]`, 'apiVersion, kind, name and uid');
  }
}

/** @param path of the pod spec in the object. */
function* containerProblems(object: KubeObject, path: string): Problems {
  if (listAt(object, `${path}.containers`).length === 0) yield required(`${path}.containers`);
  for (const list of [`${path}.containers`, `${path}.initContainers`]) {
    for (const [index, container] of listAt(object, list).entries()) {
      const name = textAt(container, 'name');
      if (!label.test(name)) yield wrong(`${list}[${index}].name`, `"${name}": must be a DNS label (RFC 1123)`);
      if (textAt(container, 'image') === '') yield required(`${list}[${index}].image`);
    }
  }
}

function* workloadProblems(object: KubeObject): Problems {
  yield* containerProblems(object, 'spec.template.spec');
  const replicas = Number(at(object, 'spec.replicas') ?? 0);
  if (replicas < 0) yield wrong('spec.replicas', `${replicas}: must be greater than or equal to 0`);
  const matchLabels = at(object, 'spec.selector.matchLabels') ?? {};
  const labels = at(object, 'spec.template.metadata.labels') ?? {};
  const isEmpty = Object.keys(matchLabels).length + listAt(object, 'spec.selector.matchExpressions').length === 0;
  if (isEmpty) yield required('spec.selector');
  if (!isMap(labels) || Object.entries(matchLabels).some(([key, value]) => labels[key] !== value)) {
    yield wrong('spec.template.metadata.labels', '`selector` does not match template `labels`');
  }
}

function* serviceProblems(object: KubeObject): Problems {
  const { type, clusterIP, ports = [] } = specOf<ServiceSpec>(object);
  if (type !== 'ClusterIP') yield unsupported('spec.type', type, ['ClusterIP']);
  if (clusterIP !== 'None' && ports.length === 0) yield required('spec.ports');
  for (const [index, { port, name }] of ports.entries()) {
    const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
    if (!isPort) yield wrong(`spec.ports[${index}].port`, `${port}: must be between 1 and 65535`);
    if (ports.length > 1 && !name) yield required(`spec.ports[${index}].name`);
  }
}

function* roleProblems(object: KubeObject): Problems {
  for (const [index, rule] of listAt(object, 'rules').entries()) {
    if (listAt(rule, 'verbs').length === 0)
      yield required(`rules[${index}].verbs`, 'verbs must contain at least one value');
  }
}

function* bindingProblems(object: KubeObject, kinds: readonly string[]): Problems {
  const [kind, name] = ['kind', 'name'].map((field) => textAt(object, `roleRef.${field}`));
  if (!kind || !kinds.includes(kind)) yield unsupported('roleRef.kind', kind, kinds);
  if (!name) yield required('roleRef.name');
}

/** Schemas are not looked at: custom objects are checked for their metadata only. */
function* definitionProblems(object: KubeObject): Problems {
  const [plural, group, scope] = ['names.plural', 'group', 'scope'].map((field) => textAt(object, `spec.${field}`));
  const versions = listAt(object, 'spec.versions');
  if (!plural || !textAt(object, 'spec.names.kind')) yield required('spec.names', 'plural and kind');
  if (!group?.includes('.') || builtInTypes.some((type) => type.group === group)) {
    yield wrong('spec.group', `"${group}": must be a domain that does not belong to the API server itself`);
  }
  if (object.metadata.name !== `${plural}.${group}`) yield wrong('metadata.name', 'must be PLURAL.GROUP');
  if (scope !== 'Namespaced' && scope !== 'Cluster') yield wrong('spec.scope', 'must be Namespaced or Cluster');
  if (versions.length !== 1 || !textAt(versions[0], 'name')) yield wrong('spec.versions', 'exactly one is supported');
}
