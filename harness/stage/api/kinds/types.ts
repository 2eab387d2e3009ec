/** The parts of objects that the API server itself looks into. Other fields are passed through. */
import type { KubeObject } from '../../client/types.ts';

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: object[];
  nodeName?: string;
  hostNetwork?: boolean;
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number }[];
  [field: string]: unknown;
}

export interface Container {
  name?: string;
  image?: string;
  ports?: { containerPort: number; hostPort?: number }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  [field: string]: unknown;
}

export interface WorkloadSpec {
  template: { metadata?: { labels?: Record<string, string> }; spec?: PodSpec };
  [field: string]: unknown;
}

export interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  ports?: { name?: string; port: number }[];
  [field: string]: unknown;
}

/** The object's `spec`; what it says has passed `checkShape`, but any of it can be missing. */
export function specOf<T extends object>(object: KubeObject): Partial<T> {
  const spec = object['spec'] as Partial<T> | undefined;
  return spec ?? {};
}
