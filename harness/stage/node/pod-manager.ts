import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../client/object-store.ts';
import type { InformerChange } from '../client/types.ts';
import { PodWorker, type NodeServices } from './pod-worker.ts';
import { graceS, type Pod } from './pod.ts';
import type { StatusWriter } from './status-writer.ts';

export interface PodManagerOptions {
  readonly node: NodeServices;
  readonly statuses: StatusWriter;
  /** The mirror of a static pod, when it is there. */
  readonly mirrorOf: (pod: Pod) => Pod | undefined;
}

interface Running {
  readonly worker: PodWorker;
  readonly isStatic: boolean;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  /** The API does not have it any more. */
  isGone: boolean;
}

/** Which pods run on this node: those the API binds to it, and the static ones. */
export class PodManager {
  readonly #options: PodManagerOptions;
  readonly #running = new Map<string, Running>();
  #staticPods: readonly Pod[] = [];
  readonly #changed = new Set<PodWorker>();

  constructor(options: PodManagerOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#running.size;
  }

  get staticPods(): readonly Pod[] {
    return this.#staticPods;
  }

  /** A change of a pod of this node in the API that is no mirror. */
  onApiChange({ type, object, before }: InformerChange): void {
    const pod = object as Pod;
    const { uid = '', deletionTimestamp } = pod.metadata;
    if (before && before.metadata.uid !== uid) this.#onGone(before as Pod);
    const running = this.#running.get(uid);
    if (type === 'deleted') return this.#onGone(pod);
    if (running) {
      running.worker.update(pod);
      this.#options.statuses.compare(pod);
      if (deletionTimestamp !== undefined) running.worker.terminate(effectiveGraceS(pod));
    } else if (deletionTimestamp !== undefined) {
      this.#options.statuses.delete(pod);
    } else if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') {
      this.#start(pod, false);
    }
  }

  /** The mirror of a static pod came or changed: it needs the status. */
  onMirror(mirror: Pod): void {
    for (const { worker, isStatic } of this.#running.values()) {
      if (isStatic && keyOf(worker.pod) === keyOf(mirror)) this.#onChange(worker);
    }
    this.#options.statuses.compare(mirror);
  }

  /** The static pods that shall run from now on; the others end. */
  setStatic(pods: readonly Pod[]): void {
    this.#staticPods = pods;
    for (const { worker, isStatic } of this.#running.values()) {
      const isWanted = pods.some(({ metadata }) => metadata.uid === worker.pod.metadata.uid);
      if (isStatic && !isWanted && !worker.isEnding) worker.terminate(effectiveGraceS(worker.pod));
    }
    for (const pod of pods) {
      // The one before it ends first; this is called again then.
      const isTaken = [...this.#running.values()].some(({ worker }) => keyOf(worker.pod) === keyOf(pod));
      if (!isTaken) this.#start(pod, true);
    }
  }

  /** Kills what is left of pods of that name that are ending, and waits until it is gone. */
  async kill(pod: Pod): Promise<void> {
    const same = [...this.#running.values()].filter(
      ({ worker }) => keyOf(worker.pod) === keyOf(pod) && worker.isEnding,
    );
    for (const { worker } of same) worker.terminate(0);
    await Promise.all(same.map(({ ended }) => ended));
  }

  /** Call it once the API has told all pods: folders of pods that went away while no agent ran are removed. */
  removeOrphans(folders: readonly string[]): void {
    for (const folder of folders) {
      for (const name of existsSync(folder) ? readdirSync(folder) : []) {
        // Folders of pods are named by their uid, those of logs end with it.
        if (this.#running.has(name.slice(name.lastIndexOf('_') + 1))) continue;
        rmSync(join(folder, name), { recursive: true, force: true });
      }
    }
  }

  forgetBackOffs(): void {
    for (const { worker } of this.#running.values()) worker.forgetBackOff();
  }

  /** Kills everything at once and tells the API nothing; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#staticPods = [];
    for (const running of this.#running.values()) {
      running.isGone = true;
      running.worker.terminate(0);
    }
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #onGone(pod: Pod): void {
    this.#options.statuses.forget(pod);
    const running = this.#running.get(pod.metadata.uid ?? '');
    if (!running) return;
    running.isGone = true;
    running.worker.terminate(effectiveGraceS(pod));
  }

  #start(pod: Pod, isStatic: boolean): void {
    const { uid = '' } = pod.metadata;
    const worker = new PodWorker(pod, this.#options.node, (changed) => this.#onChange(changed));
    const ended = worker.run().then(() => this.#onEnded(running));
    const running: Running = { worker, isStatic, ended, isGone: false };
    this.#running.set(uid, running);
    this.#onChange(worker);
  }

  #onEnded({ worker, isStatic, isGone }: Running): void {
    const { node, statuses } = this.#options;
    this.#running.delete(worker.pod.metadata.uid ?? '');
    if (isStatic) return this.setStatic(this.#staticPods);
    node.records.forgetPod(worker.pod);
    if (isGone) return;
    statuses.set(worker.pod, worker.status());
    statuses.delete(worker.pod);
  }

  /** Several changes at the same moment are one status. */
  #onChange(worker: PodWorker): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#writeChanged());
    this.#changed.add(worker);
  }

  #writeChanged(): void {
    for (const worker of this.#changed) {
      const running = this.#running.get(worker.pod.metadata.uid ?? '');
      if (running?.worker !== worker || running.isGone) continue;
      const target = running.isStatic ? this.#options.mirrorOf(worker.pod) : worker.pod;
      if (target) this.#options.statuses.set(target, worker.status());
    }
    this.#changed.clear();
  }
}

/** A pod always has a second to end, as with the kubelet. */
function effectiveGraceS(pod: Pod): number {
  return Math.max(1, graceS(pod));
}
