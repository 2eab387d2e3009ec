import type { KubeObject } from '../../client/types.ts';
import type { DaemonSet, Deployment, Labels, Node, Pod, PodSpec, ReplicaSet, Service } from '../base/kinds.ts';

const controlPlane = 'node-role.kubernetes.io/control-plane';
const since = '2026-01-01T00:00:00Z';
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'node:24' }] } };
const workload = { selector: { matchLabels: { app: 'web' } }, template };

/** A ready node; a control plane carries the usual label and taint. */
export function node(
  name: string,
  { role, labels, spec }: { role?: 'control-plane'; labels?: Labels; spec?: Node['spec'] } = {},
): Node {
  const roleLabel = role && { [controlPlane]: '' };
  const taints = role && { taints: [{ key: controlPlane, effect: 'NoSchedule' }] };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...roleLabel, ...labels } },
    spec: { ...taints, ...spec },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export interface PodChange {
  readonly spec?: Partial<PodSpec>;
  readonly labels?: Labels;
  readonly metadata?: Partial<KubeObject['metadata']>;
  readonly status?: Pod['status'];
  /** Since when it is ready; unset: it is not. */
  readonly readySince?: string;
  readonly on?: string;
}

/** Of namespace x, with the label `app: web`. */
export function pod(name: string, { spec, labels, metadata, status, readySince, on }: PodChange = {}): Pod {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: readySince ?? '' }];
  const ready = readySince === undefined ? undefined : { phase: 'Running', podIP: '127.9.1.1', conditions };
  const given = status ?? ready;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...named(name), labels: { app: 'web', ...labels }, ...metadata },
    spec: { containers: [{ name: 'c' }], ...(on !== undefined && { nodeName: on }), ...spec },
    ...(given && { status: given }),
  };
}

function named(name: string): KubeObject['metadata'] {
  return { name, namespace: 'x', uid: `uid-${name}`, generation: 1, creationTimestamp: since };
}

export function deployment(spec: Partial<Deployment['spec']> = {}): Deployment {
  const wanted = { replicas: 2, ...workload, ...spec };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: named('web'), spec: wanted };
}

export function daemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: named('web'), spec: { ...workload, ...spec } };
}

export function service(spec: Partial<Service['spec']> = {}): Service {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  const wanted = { selector: { app: 'web' }, ports, ...spec };
  return { apiVersion: 'v1', kind: 'Service', metadata: named('web'), spec: wanted };
}

/** Of a Deployment `web`; all its replicas are available. */
export function replicaSet(
  name: string,
  replicas: number,
  status: NonNullable<ReplicaSet['status']> = { replicas, readyReplicas: replicas, availableReplicas: replicas },
): ReplicaSet {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: named(name), spec: { replicas, ...workload }, status };
}
