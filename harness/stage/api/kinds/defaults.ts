import type { KubeObject } from '../../client/types.ts';
import { storageKey, type ResourceType } from '../resources.ts';
import { specOf, type CrdSpec, type PodSpec, type ServiceSpec, type WorkloadSpec } from './fields.ts';
import { defaultPodSpec } from './pod-defaults.ts';

type Defaulting = (object: KubeObject) => KubeObject;

const rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%' };

/** By storage key. Only the fields that somebody reads or that people expect to see. */
const defaults: Readonly<Record<string, Defaulting>> = {
  pods: (pod) => ({ ...pod, spec: defaultPodSpec({ enableServiceLinks: true, ...specOf<PodSpec>(pod) }) }),
  'deployments.apps': (object) =>
    workload(object, (spec) => ({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
      strategy: strategy(spec['strategy'], rollingUpdate),
    })),
  'replicasets.apps': (object) => workload(object, (spec) => ({ replicas: 1, ...spec })),
  'daemonsets.apps': (object) =>
    workload(object, (spec) => ({
      revisionHistoryLimit: 10,
      ...spec,
      updateStrategy: strategy(spec['updateStrategy'], { maxUnavailable: 1, maxSurge: 0 }),
    })),
  services: (object) => ({ ...object, spec: service(specOf<ServiceSpec>(object)), status: { loadBalancer: {} } }),
  secrets: ({ stringData, ...secret }) => ({
    type: 'Opaque',
    ...secret,
    ...(stringData !== undefined && {
      data: { ...(secret['data'] as object), ...toBase64(stringData as Record<string, string>) },
    }),
  }),
  namespaces: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
  }),
  'customresourcedefinitions.apiextensions.k8s.io': (object) => ({ ...object, spec: definition(specOf(object)) }),
};

/** The object with what its author left out. Given fields win. */
export function applyDefaults(type: ResourceType, object: KubeObject): KubeObject {
  return defaults[storageKey(type)]?.(object) ?? object;
}

function workload(object: KubeObject, fill: (spec: Partial<WorkloadSpec>) => Partial<WorkloadSpec>): KubeObject {
  const spec = specOf<WorkloadSpec>(object);
  const template = spec.template && { ...spec.template, spec: defaultPodSpec(spec.template.spec ?? {}) };
  return { ...object, spec: fill({ ...spec, ...(template && { template }) }) };
}

function strategy(given: unknown, rolling: object): object {
  const { type = 'RollingUpdate', rollingUpdate: own } = (given ?? {}) as { type?: string; rollingUpdate?: object };
  return type === 'RollingUpdate' ? { type, rollingUpdate: { ...rolling, ...own } } : { type };
}

function service(spec: Partial<ServiceSpec>): Partial<ServiceSpec> {
  const { type = 'ClusterIP', ports } = spec;
  const filled = ports?.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port }));
  return {
    sessionAffinity: 'None',
    ...spec,
    type,
    ...(filled && { ports: filled }),
    ...(type !== 'ExternalName' && {
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    }),
  };
}

function definition(spec: Partial<CrdSpec>): Partial<CrdSpec> {
  const { names } = spec;
  const { kind = '' } = names ?? {};
  return {
    conversion: { strategy: 'None' },
    ...spec,
    ...(names && { names: { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names } }),
  };
}

function toBase64(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const),
  );
}
