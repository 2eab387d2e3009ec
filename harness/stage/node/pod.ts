import type { KubeObject } from '../client/types.ts';
import type { PodStatus } from './pod-status.ts';

/** The parts of a Pod that the node agent reads and writes. */
export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: Partial<PodStatus>;
}

export interface PodSpec {
  nodeName?: string;
  serviceAccountName?: string;
  hostNetwork?: boolean;
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  containers: Container[];
  volumes?: Volume[];
  tolerations?: unknown[];
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[];
  ports?: ContainerPort[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[];
  livenessProbe?: ProbeSpec;
  readinessProbe?: ProbeSpec;
}

export interface ContainerPort {
  name?: string;
  containerPort: number;
  hostPort?: number;
  protocol?: 'TCP' | 'UDP';
}

/** A ConfigMap or a Secret; volumes and projected sources name a Secret by different fields. */
interface DataSource {
  name?: string;
  secretName?: string;
  items?: { key: string; path: string }[];
  optional?: boolean;
}

export interface VolumeSource {
  configMap?: DataSource;
  secret?: DataSource;
  downwardAPI?: { items?: { path: string; fieldRef?: { fieldPath: string } }[] };
  serviceAccountToken?: { path: string; expirationSeconds?: number; audience?: string };
}

export interface Volume extends VolumeSource {
  name: string;
  projected?: { sources?: VolumeSource[] };
  emptyDir?: unknown;
}

export interface ProbeSpec {
  httpGet?: { path?: string; port: number | string; host?: string; scheme?: 'HTTP' | 'HTTPS' };
  tcpSocket?: { port: number | string; host?: string };
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

/** Names the static pod's manifest version on its mirror pod, whose only tie to it this is. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** True for a static pod and for the API's copy of it, which is shown and never run. */
export function isMirror(pod: KubeObject): boolean {
  return pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
}

/** Seconds that a pod has to end by itself: at least one, as with the kubelet. */
export function graceS({ metadata, spec }: Pod): number {
  return Math.max(1, metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}
