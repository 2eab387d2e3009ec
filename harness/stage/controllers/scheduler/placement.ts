import { keyOf } from '../../client/object-store.ts';
import type { KubeObject } from '../../client/types.ts';
import type { Pod } from '../base/kinds.ts';
import { isFinished } from '../base/pod-state.ts';

/** Which pods are on which node, with those that were bound a moment ago and that our copy does not show yet. */
export class Placement {
  readonly #nodeOf = new Map<string, string>();
  readonly #podsOn = new Map<string, Map<string, Pod>>();

  /** A pod as it is now. Pods that ended take no place. */
  set(pod: Pod): void {
    const key = keyOf(pod);
    this.remove(pod);
    const { nodeName } = pod.spec;
    if (nodeName === undefined || isFinished(pod)) return;
    this.#nodeOf.set(key, nodeName);
    const pods = this.#podsOn.get(nodeName) ?? new Map<string, Pod>();
    this.#podsOn.set(nodeName, pods.set(key, pod));
  }

  remove(pod: KubeObject): void {
    const key = keyOf(pod);
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(key);
    this.#podsOn.get(nodeName)?.delete(key);
  }

  has(pod: KubeObject): boolean {
    return this.#nodeOf.has(keyOf(pod));
  }

  on(node: string): Pod[] {
    return [...(this.#podsOn.get(node)?.values() ?? [])];
  }
}
