import { keyOf } from '../client/object-store.ts';
import type { InformerChange } from '../client/types.ts';
import type { Node } from './node.ts';
import { PodWorker } from './pod-worker.ts';
import { graceS, isMirror, type Pod } from './pod.ts';

/** Which pods run on this node: those the API binds to it, and the static ones. */
export class PodManager {
  readonly #node: Node;
  /** The mirror of a static pod, when it is there. */
  readonly #mirrorOf: (pod: Pod) => Pod | undefined;
  /** By uid. */
  readonly #workers = new Map<string, PodWorker>();
  #staticPods: readonly Pod[] = [];

  constructor(node: Node, mirrorOf: (pod: Pod) => Pod | undefined) {
    this.#node = node;
    this.#mirrorOf = mirrorOf;
  }

  /** A change of a pod of this node in the API. */
  onApiChange({ type, object, before }: InformerChange): void {
    const pod = object as Pod;
    if (isMirror(pod)) return this.#seeMirrors();
    const { uid = '' } = pod.metadata;
    if (type === 'deleted') return this.#workers.get(uid)?.abandon(graceS(pod));
    if (before && before.metadata.uid !== uid) this.#workers.get(before.metadata.uid ?? '')?.abandon(graceS(pod));
    if (!this.#workers.has(uid)) this.#start(pod);
    this.#workers.get(uid)?.see(pod);
  }

  /** The static pods that shall run from now on; the others end. */
  setStatic(pods: readonly Pod[]): void {
    this.#staticPods = pods;
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const worker of this.#workers.values()) {
      if (isMirror(worker.pod) && !uids.has(worker.pod.metadata.uid)) worker.terminate();
    }
    for (const pod of pods) {
      // The one before it ends first; this is called again then.
      if (this.#workersOf(pod).length === 0) this.#start(pod);
    }
    this.#seeMirrors();
  }

  /** Kills what is left of pods of that name that are ending, and waits until it is gone. */
  async kill(pod: Pod): Promise<void> {
    const ending = this.#workersOf(pod).filter((worker) => worker.isEnding);
    for (const worker of ending) worker.terminate(0);
    await Promise.all(ending.map(async (worker) => await worker.ended));
  }

  forgetBackOffs(): void {
    for (const worker of this.#workers.values()) worker.forgetBackOff();
  }

  /** Kills everything at once and tells the API nothing; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#staticPods = [];
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.abandon(0);
    await Promise.all(workers.map(async (worker) => await worker.ended));
  }

  #workersOf(pod: Pod): PodWorker[] {
    return [...this.#workers.values()].filter((worker) => keyOf(worker.pod) === keyOf(pod));
  }

  /** Statuses of static pods are written to their mirrors. */
  #seeMirrors(): void {
    for (const worker of this.#workers.values()) {
      const mirror = isMirror(worker.pod) && this.#mirrorOf(worker.pod);
      if (mirror) worker.see(mirror);
    }
  }

  #start(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const worker = new PodWorker(pod, this.#node);
    this.#workers.set(uid, worker);
    void worker.ended.then(() => {
      this.#workers.delete(uid);
      if (isMirror(pod)) this.setStatic(this.#staticPods);
    });
  }
}
