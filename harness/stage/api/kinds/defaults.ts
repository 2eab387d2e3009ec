/** What objects get that their authors left out, as far as somebody reads it. Given fields win. */
import type { KubeObject } from '../../client/types.ts';
import { mapEntries, type JsonMap } from '../json.ts';
import { isBuiltIn, storageKey, type ResourceType } from '../resources.ts';
import { specOf, type Container, type PodSpec, type ServiceSpec, type WorkloadSpec } from './types.ts';

/** By storage key. */
const defaults: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  pods: (pod) => ({ ...pod, spec: podSpec(specOf<PodSpec>(pod)) }),
  'deployments.apps': (object) => {
    const own = { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 };
    return workload(object, own, 'strategy', { maxUnavailable: '25%', maxSurge: '25%' });
  },
  'replicasets.apps': (object) => workload(object, { replicas: 1 }),
  'daemonsets.apps': (object) =>
    workload(object, { revisionHistoryLimit: 10 }, 'updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
  services: (object) => {
    const { ports = [], ...spec } = specOf<ServiceSpec>(object);
    const filled = ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port }));
    return { ...object, spec: { type: 'ClusterIP', ...spec, ports: filled } };
  },
  secrets: ({ stringData = {}, ...secret }) => {
    const texts = mapEntries(stringData as JsonMap, (text) => Buffer.from(String(text)).toString('base64'));
    return { type: 'Opaque', ...secret, data: { ...(secret['data'] as object), ...texts } };
  },
};

export function applyDefaults(type: ResourceType, object: KubeObject): KubeObject {
  return defaults[storageKey(type)]?.(object) ?? object;
}

function workload(object: KubeObject, own: object, field?: string, rolling?: object): KubeObject {
  const spec = specOf<WorkloadSpec>(object);
  const template = spec.template && { ...spec.template, spec: podSpec(spec.template.spec ?? {}) };
  const { type = 'RollingUpdate', rollingUpdate } = (spec[field ?? ''] ?? {}) as Partial<Record<string, object>>;
  const strategy = { type, ...(type === 'RollingUpdate' && { rollingUpdate: { ...rolling, ...rollingUpdate } }) };
  return { ...object, spec: { ...own, ...spec, ...(template && { template }), ...(field && { [field]: strategy }) } };
}

function podSpec({ containers = [], initContainers, ...spec }: Partial<PodSpec>): PodSpec {
  const fill = (one: Container): Container => container(one, spec.hostNetwork ?? false);
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    ...spec,
    containers: containers.map(fill),
    ...(initContainers && { initContainers: initContainers.map(fill) }),
  };
}

function container({ ports, ...one }: Container, hostNetwork: boolean): Container {
  if (!ports) return one;
  const hostPort = (port: { containerPort: number }) => (hostNetwork ? { hostPort: port.containerPort } : {});
  return { ...one, ports: ports.map((port) => ({ protocol: 'TCP', ...hostPort(port), ...port })) };
}

/** By storage key; `now` as in `metadata`. */
const initialStatus: Readonly<Record<string, (object: KubeObject, now: string) => unknown>> = {
  pods: () => ({ phase: 'Pending' }),
  namespaces: () => ({ phase: 'Active' }),
  // A node agent writes its node with its status.
  nodes: (node) => node['status'],
  // Served at once: there is nobody whose consent would have to be awaited.
  'customresourcedefinitions.apiextensions.k8s.io': (_definition, lastTransitionTime) => ({
    conditions: [{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted', lastTransitionTime }],
  }),
};

/** A new object's status is the server's word, not its author's. */
export function withInitialStatus(type: ResourceType, object: KubeObject, now: string): KubeObject {
  if (!type.subresources.includes('status')) return object;
  const { status: _status, ...rest } = object;
  const status = initialStatus[storageKey(type)]?.(object, now) ?? (isBuiltIn(type) ? {} : undefined);
  return { ...rest, ...(status !== undefined && { status }) };
}
