import type { KubeObject } from '../cluster/client.ts';

/** A pod before the fault, as the API told it. */
export interface TargetPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A mirror pod only shows a static pod: deleting it changes nothing on the node. */
  readonly isMirror: boolean;
  readonly isRunning: boolean;
  readonly containers: readonly PodContainer[];
}

export interface PodContainer {
  readonly name: string;
  readonly image: string;
  /** As the kubelet reported it; 0 when it has not yet. */
  readonly restartCount: number;
}

/** Reads the few fields we look at. */
export function toTargetPod(pod: KubeObject): TargetPod {
  const { metadata, spec = {}, status = {} } = pod;
  const statuses = records(status['containerStatuses']);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    node: text(spec['nodeName']),
    labels: metadata.labels ?? {},
    isMirror: metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
    isRunning: status['phase'] === 'Running' && metadata.deletionTimestamp === undefined,
    containers: records(spec['containers']).map((container) => ({
      name: text(container['name']),
      image: text(container['image']),
      restartCount: restartCount(statuses.find((one) => one['name'] === container['name'])),
    })),
  };
}

function restartCount(status: Readonly<Record<string, unknown>> | undefined): number {
  const count = status?.['restartCount'];
  return typeof count === 'number' ? count : 0;
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly Readonly<Record<string, unknown>>[]) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
