import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../client/types.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { invalid, type StatusCause } from '../status.ts';
import { definitionProblems } from './definition.ts';
import { specOf, type PodSpec, type PodTemplate, type ServiceSpec, type WorkloadSpec } from './fields.ts';

type Check = (object: KubeObject) => StatusCause[];

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const configKey = /^[-._a-zA-Z0-9]{1,253}$/;
const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

const nameRules: Readonly<Record<string, RegExp>> = { namespaces: label, services: serviceName };
const workload: Check = (object) => workloadProblems(specOf<WorkloadSpec>(object), labelsOf(specOf(object)));

/** By storage key. */
const checks: Readonly<Record<string, Check>> = {
  pods: (object) => podSpecProblems(specOf<PodSpec>(object), 'spec'),
  'deployments.apps': workload,
  'replicasets.apps': workload,
  'daemonsets.apps': workload,
  services: (object) => serviceProblems(specOf<ServiceSpec>(object)),
  configmaps: (object) => keyProblems(object, 'data', configKey),
  secrets: (object) => [
    ...keyProblems(object, 'data', configKey),
    ...Object.entries((object['data'] ?? {}) as Record<string, string>)
      .filter(([, value]) => !base64.test(value))
      .map(([key]) => wrong(`data[${key}]`, 'must be base64')),
  ],
  'customresourcedefinitions.apiextensions.k8s.io': definitionProblems,
};

/** Throws 422 with everything that is wrong with an object that has its defaults. */
export function validate(type: ResourceType, object: KubeObject): void {
  const problems = [...metadataProblems(type, object), ...(checks[storageKey(type)]?.(object) ?? [])];
  if (problems.length > 0) throw invalid(type, object.metadata.name, problems);
}

/** Throws 422 when an update changes what cannot be changed. */
export function validateChange(type: ResourceType, before: KubeObject, after: KubeObject): void {
  const problems = immutableProblems(storageKey(type), before, after);
  const { deletionTimestamp, finalizers = [] } = before.metadata;
  if (deletionTimestamp !== undefined && after.metadata.finalizers?.some((one) => !finalizers.includes(one))) {
    problems.push(forbidden('metadata.finalizers', 'no new finalizers can be added if the object is being deleted'));
  }
  if (problems.length > 0) throw invalid(type, after.metadata.name, problems);
}

function immutableProblems(key: string, before: KubeObject, after: KubeObject): StatusCause[] {
  switch (key) {
    case 'deployments.apps':
    case 'replicasets.apps':
    case 'daemonsets.apps': {
      const selectors = [before, after].map((object) => specOf<WorkloadSpec>(object).selector);
      return isDeepStrictEqual(...(selectors as [unknown, unknown]))
        ? []
        : [wrong('spec.selector', 'field is immutable')];
    }
    case 'pods': {
      const [old, now] = [before, after].map((object) => fixedPart(specOf<PodSpec>(object)));
      const message =
        'pod updates may not change fields other than the images of containers, tolerations and deadlines';
      return isDeepStrictEqual(old, now) ? [] : [forbidden('spec', message)];
    }
    case 'services': {
      const [old, now] = [before, after].map((object) => specOf<ServiceSpec>(object));
      const kept = !old?.clusterIP || old.clusterIP === now?.clusterIP || now?.type !== old.type;
      return kept ? [] : [wrong('spec.clusterIP', 'field is immutable')];
    }
    default:
      return [];
  }
}

function fixedPart(spec: Partial<PodSpec>): object {
  const {
    tolerations: _t,
    activeDeadlineSeconds: _a,
    terminationGracePeriodSeconds: _g,
    containers = [],
    ...rest
  } = spec;
  return { ...rest, containers: containers.map(({ image: _image, ...container }) => container) };
}

function metadataProblems(type: ResourceType, { metadata }: KubeObject): StatusCause[] {
  const problems: StatusCause[] = [];
  const rule = type.group.startsWith('rbac.') ? /^[^/%]+$/ : (nameRules[storageKey(type)] ?? subdomain);
  if (!rule.test(metadata.name))
    problems.push(wrong('metadata.name', `"${metadata.name}": must be a DNS name (RFC 1123)`));
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (!labelKey.test(key)) problems.push(wrong('metadata.labels', `"${key}": not a label key`));
    if (!labelValue.test(value)) problems.push(wrong('metadata.labels', `"${value}": not a label value`));
  }
  for (const [index, owner] of (metadata.ownerReferences ?? []).entries()) {
    const complete = owner.apiVersion && owner.kind && owner.name && owner.uid;
    if (!complete) problems.push(required(`metadata.ownerReferences[${index}]`, 'apiVersion, kind, name and uid'));
  }
  return problems;
}

function labelsOf({ template }: Partial<{ template: PodTemplate }>): Record<string, string> {
  return template?.metadata?.labels ?? {};
}

function workloadProblems({ replicas = 0, selector, template }: Partial<WorkloadSpec>, labels: object): StatusCause[] {
  const problems = podSpecProblems(template?.spec ?? {}, 'spec.template.spec');
  if (replicas < 0) problems.push(wrong('spec.replicas', `${replicas}: must be greater than or equal to 0`));
  const wanted = Object.entries(selector?.matchLabels ?? {});
  if (wanted.length === 0 && !selector?.matchExpressions?.length) problems.push(required('spec.selector', ''));
  if (wanted.some(([key, value]) => (labels as Record<string, string>)[key] !== value)) {
    problems.push(wrong('spec.template.metadata.labels', '`selector` does not match template `labels`'));
  }
  return problems;
}

function podSpecProblems({ containers = [], initContainers = [] }: Partial<PodSpec>, path: string): StatusCause[] {
  const problems = containers.length === 0 ? [required(`${path}.containers`, '')] : [];
  const names = new Set<string>();
  for (const [index, { name = '', image = '' }] of [...containers, ...initContainers].entries()) {
    const at = `${path}.containers[${index}]`;
    if (!label.test(name)) problems.push(name === '' ? required(`${at}.name`, '') : wrong(`${at}.name`, `"${name}"`));
    if (names.has(name))
      problems.push({ reason: 'FieldValueDuplicate', field: `${at}.name`, message: 'Duplicate value' });
    if (image === '') problems.push(required(`${at}.image`, ''));
    names.add(name);
  }
  return problems;
}

function serviceProblems({ type = '', clusterIP, ports = [], ...spec }: Partial<ServiceSpec>): StatusCause[] {
  const problems: StatusCause[] = [];
  if (!['ClusterIP', 'ExternalName'].includes(type)) {
    const message = `Unsupported value: "${type}": supported values: "ClusterIP", "ExternalName"`;
    problems.push({ reason: 'FieldValueNotSupported', field: 'spec.type', message });
  }
  if (type === 'ExternalName' && !spec['externalName']) problems.push(required('spec.externalName', ''));
  if (type === 'ClusterIP' && clusterIP !== 'None' && ports.length === 0) problems.push(required('spec.ports', ''));
  for (const [index, { port, name }] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (!(port >= 1 && port <= 65_535))
      problems.push(wrong(`${at}.port`, `${port}: must be between 1 and 65535, inclusive`));
    if (ports.length > 1 && !name) problems.push(required(`${at}.name`, ''));
  }
  return problems;
}

function keyProblems(object: KubeObject, field: string, rule: RegExp): StatusCause[] {
  const keys = Object.keys(object[field] ?? {});
  return keys.filter((key) => !rule.test(key)).map((key) => wrong(`${field}[${key}]`, 'not a valid key'));
}

function wrong(field: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${message}` };
}

function required(field: string, message: string): StatusCause {
  return { reason: 'FieldValueRequired', field, message: `Required value${message && `: ${message}`}` };
}

function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` };
}
