import type { KubeObject } from '../../client/types.ts';

/** The parts of pods, services and so on that the API server itself looks into. Other fields are passed through. */
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  nodeName?: string;
  hostNetwork?: boolean;
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number }[];
  [field: string]: unknown;
}

export interface Container {
  name?: string;
  image?: string;
  env?: { name: string; valueFrom?: { fieldRef?: { apiVersion?: string; fieldPath: string } } }[];
  ports?: { containerPort: number; hostPort?: number; protocol?: string }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  [field: string]: unknown;
}

export interface Volume {
  name: string;
  [source: string]: unknown;
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string> };
  spec: PodSpec;
}

export interface WorkloadSpec {
  replicas?: number;
  selector: LabelSelector;
  template: PodTemplate;
  [field: string]: unknown;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: { name?: string; port: number; targetPort?: number | string; protocol?: string }[];
  [field: string]: unknown;
}

export interface CrdSpec {
  group: string;
  scope: string;
  names: { plural: string; kind: string; singular?: string; listKind?: string };
  versions: { name: string; served?: boolean; storage?: boolean }[];
  [field: string]: unknown;
}

/** The object's `spec`; what it says has passed `checkShape`, but any of it can be missing. */
export function specOf<T extends object>(object: KubeObject): Partial<T> {
  const spec = object['spec'] as Partial<T> | undefined;
  return spec ?? {};
}

export function statusOf<T extends object>(object: KubeObject): Partial<T> {
  const status = object['status'] as Partial<T> | undefined;
  return status ?? {};
}
