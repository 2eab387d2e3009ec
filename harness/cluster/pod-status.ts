import type { KubeObject } from './client.ts';

/** True when the object (a pod, a node) has the condition Ready. */
export function isReady(object: KubeObject): boolean {
  const conditions = (object.status?.['conditions'] ?? []) as readonly {
    readonly type: string;
    readonly status: string;
  }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The node that a pod runs on; empty while it is not scheduled. */
export function nodeOf(pod: KubeObject): string {
  return (pod.spec?.['nodeName'] as string | undefined) ?? '';
}

/** How often the containers of a pod were restarted, all together. */
export function restartsOf({ status }: KubeObject): number {
  const containers = (status?.['containerStatuses'] ?? []) as readonly { readonly restartCount: number }[];
  return containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
