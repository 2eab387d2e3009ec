import type { KubeObject } from '../../client/types.ts';
import type { DaemonSet, Deployment, Node, Pod, PodSpec, ReplicaSet, Service } from '../base/kinds.ts';

const controlPlaneTaint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

/** A ready node; a control plane carries the usual label and taint. */
export function node(
  name: string,
  change: { role?: 'control-plane'; labels?: Record<string, string>; spec?: Node['spec'] } = {},
): Node {
  const isControlPlane = change.role === 'control-plane';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      labels: {
        'kubernetes.io/hostname': name,
        ...(isControlPlane && { 'node-role.kubernetes.io/control-plane': '' }),
        ...change.labels,
      },
    },
    spec: { ...(isControlPlane && { taints: [controlPlaneTaint] }), ...change.spec },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export interface PodChange {
  readonly spec?: Partial<PodSpec>;
  readonly labels?: Record<string, string>;
  readonly metadata?: Partial<KubeObject['metadata']>;
  readonly status?: Pod['status'];
  /** Since when it is ready; unset: it is not. */
  readonly readySince?: string;
  readonly on?: string;
}

export function pod(name: string, change: PodChange = {}): Pod {
  const { on, readySince } = change;
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: readySince ?? '' }];
  const status =
    change.status ?? (readySince === undefined ? undefined : { phase: 'Running', podIP: '127.9.1.1', conditions });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'x',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web', ...change.labels },
      ...change.metadata,
    },
    spec: { containers: [{ name: 'c' }], ...(on !== undefined && { nodeName: on }), ...change.spec },
    ...(status && { status }),
  };
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'node:24' }] } };

export function deployment(spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'x', uid: 'uid-web', generation: 1 },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

export function replicaSet(
  name: string,
  replicas: number,
  status: NonNullable<ReplicaSet['status']> = { replicas, readyReplicas: replicas, availableReplicas: replicas },
  revision = 1,
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'x',
      uid: `uid-${name}`,
      generation: 1,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
    },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
    status: { observedGeneration: 1, ...status },
  };
}

export function daemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'web', namespace: 'x', uid: 'uid-web', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

export function service(spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'x', uid: 'uid-svc', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
  };
}
