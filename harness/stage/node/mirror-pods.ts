import { keyOf } from '../client/object-store.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { KubeObject } from '../client/types.ts';
import { afterChanges } from './keep-trying.ts';
import type { Node } from './node.ts';
import { isMirror, mirrorAnnotation, type Pod } from './pod.ts';

/** When a mirror pod that somebody deleted is written again: 77, 89 and 91 s were seen on kind. */
const rewriteMs = 90_000;

type Settings = Pick<Node, 'client' | 'clock' | 'signal'>;
/** The node's pods in the API; undefined while they are not known. */
type Known = () => ReadonlyMap<string, KubeObject> | undefined;

/** Keeps one object in the API for each static pod of the node. */
export class MirrorPods {
  /** Creates what is missing and deletes what is too much, until that is done. Call it after every change. */
  readonly reconcile: () => void;
  readonly #node: Settings;
  readonly #known: Known;
  readonly #staticPods: () => readonly Pod[];
  /** uids of mirror pods that we deleted ourselves, for a newer one. */
  readonly #replaced = new Set<string>();
  /** Keys of those that somebody else deleted, each with its wait. */
  readonly #held = new Map<string, Promise<void>>();

  constructor(node: Settings, known: Known, staticPods: () => readonly Pod[]) {
    this.#node = node;
    this.#known = known;
    this.#staticPods = staticPods;
    this.reconcile = afterChanges(async () => await this.#reconcileOnce(), node);
  }

  /** The mirror of a static pod, when it is there and up to date. */
  mirrorOf(pod: Pod): Pod | undefined {
    const found = this.#known()?.get(keyOf(pod)) as Pod | undefined;
    return found?.metadata.annotations?.[mirrorAnnotation] === pod.metadata.uid ? found : undefined;
  }

  /** A mirror pod went away; when it was not our doing, it is written again only after a while. */
  onDeleted(mirror: KubeObject): void {
    const { clock, signal } = this.#node;
    if (this.#replaced.delete(mirror.metadata.uid ?? '')) return this.reconcile();
    const key = keyOf(mirror);
    const wait = clock.sleep(rewriteMs, signal);
    this.#held.set(key, wait);
    const release = (): void => {
      if (this.#held.get(key) === wait) this.#held.delete(key);
      this.reconcile();
    };
    wait.then(release, () => undefined);
  }

  /** Writes what is missing now, without waiting. */
  renew(): void {
    this.#held.clear();
    this.reconcile();
  }

  async #reconcileOnce(): Promise<void> {
    const { client } = this.#node;
    const objects = this.#known();
    if (!objects) return;
    const wanted = new Map(this.#staticPods().map((pod) => [keyOf(pod), pod]));
    for (const [key, object] of objects) {
      const pod = wanted.get(key);
      const { uid = '', deletionTimestamp } = object.metadata;
      const isLeaving = deletionTimestamp !== undefined;
      if (!isMirror(object) || (pod && this.mirrorOf(pod) && !isLeaving)) continue;
      // Somebody's graceful delete is completed; an old version is replaced.
      if (!isLeaving || !pod) this.#replaced.add(uid);
      await client.delete(resources.pods, object.metadata, { gracePeriodSeconds: 0, uid });
    }
    for (const [key, { metadata, ...rest }] of wanted) {
      if (objects.has(key) || this.#held.has(key)) continue;
      const { uid: _, ...named } = metadata;
      await client.create(resources.pods, { ...rest, metadata: named }).catch((problem: unknown) => {
        // 409: it is there, and we shall hear of it.
        if (!hasCode(problem, 409)) throw problem;
      });
    }
  }
}
