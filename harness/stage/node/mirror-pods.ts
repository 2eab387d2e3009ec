import type { Clock } from '../../core/clock.ts';
import { keyOf } from '../client/object-store.ts';
import { resources } from '../client/resources.ts';
import { hasCode } from '../client/status-error.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import { isMirror, mirrorAnnotation, type Pod } from './pod.ts';

/** When a mirror pod that somebody deleted is written again: 77, 89 and 91 s were seen on kind. */
const rewriteMs = 90_000;
const firstRetryMs = 1_000;
const retryCapMs = 10_000;

export interface MirrorPodsOptions {
  readonly client: StageClient;
  readonly clock: Clock;
  readonly nodeName: string;
  /** The pods of this node in the API, and whether they are known already. */
  readonly known: () => ReadonlyMap<string, KubeObject> | undefined;
  readonly staticPods: () => readonly Pod[];
  readonly signal: AbortSignal;
}

/** Keeps one object in the API for each static pod of the node. */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  /** Until when (monotonic) a mirror pod that was deleted stays away, by key. */
  readonly #heldUntilMs = new Map<string, number>();
  /** uids of mirror pods that we deleted ourselves, for a newer one. */
  readonly #replaced = new Set<string>();
  #isBusy = false;
  #isDirty = false;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  /** The mirror of a static pod, when it is there and up to date. */
  mirrorOf(pod: Pod): Pod | undefined {
    const found = this.#options.known()?.get(keyOf(pod)) as Pod | undefined;
    return found?.metadata.annotations?.[mirrorAnnotation] === pod.metadata.uid ? found : undefined;
  }

  /** A mirror pod went away; when it was not our doing, it is written again only after a while. */
  onDeleted(mirror: KubeObject): void {
    const isOurs = this.#replaced.delete(mirror.metadata.uid ?? '');
    if (!isOurs) this.#hold(keyOf(mirror));
    this.reconcile();
  }

  /** Writes what is missing now, without waiting. */
  renew(): void {
    this.#heldUntilMs.clear();
    this.reconcile();
  }

  /** Creates what is missing and deletes what is too much, until that is done. Call it after every change. */
  reconcile(): void {
    this.#isDirty = true;
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isBusy = true;
    let delayMs = firstRetryMs;
    while (this.#isDirty && !signal.aborted) {
      this.#isDirty = false;
      try {
        await this.#reconcileOnce();
        delayMs = firstRetryMs;
      } catch {
        this.#isDirty = true;
        await clock.sleep(delayMs, signal).catch(() => undefined);
        delayMs = Math.min(delayMs * 2, retryCapMs);
      }
    }
    this.#isBusy = false;
  }

  async #reconcileOnce(): Promise<void> {
    const { known, staticPods } = this.#options;
    const objects = known();
    if (!objects) return;
    const wanted = new Map(staticPods().map((pod) => [keyOf(pod), pod]));
    for (const [key, object] of objects) {
      const pod = wanted.get(key);
      const isCurrent = pod && this.mirrorOf(pod) && object.metadata.deletionTimestamp === undefined;
      if (isMirror(object as Pod) && !isCurrent) await this.#delete(object, pod);
    }
    for (const [key, pod] of wanted) {
      const isHeld = (this.#heldUntilMs.get(key) ?? -Infinity) > this.#options.clock.monotonicMs();
      if (!objects.has(key) && !isHeld) await this.#create(pod);
    }
  }

  /** Somebody's graceful delete is completed; an old version is replaced. */
  async #delete({ metadata }: KubeObject, pod: Pod | undefined): Promise<void> {
    const { uid, namespace, name, deletionTimestamp } = metadata;
    if (deletionTimestamp === undefined || !pod) this.#replaced.add(uid ?? '');
    await this.#options.client.delete(
      resources.pods,
      { namespace, name },
      { gracePeriodSeconds: 0, ...(uid !== undefined && { uid }) },
    );
  }

  async #create(pod: Pod): Promise<void> {
    const { client, nodeName } = this.#options;
    const { uid: _, ...metadata } = pod.metadata;
    const node = await client.get(resources.nodes, undefined, nodeName);
    const { uid = '' } = node?.metadata ?? {};
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true };
    const { apiVersion, kind, spec } = pod;
    try {
      await client.create(resources.pods, {
        apiVersion,
        kind,
        metadata: { ...metadata, ...(uid !== '' && { ownerReferences: [owner] }) },
        spec,
      });
    } catch (problem) {
      // 409: it is there, and we shall hear of it.
      if (!hasCode(problem, 409)) throw problem;
    }
  }

  #hold(key: string): void {
    const { clock, signal } = this.#options;
    this.#heldUntilMs.set(key, clock.monotonicMs() + rewriteMs);
    clock.sleep(rewriteMs, signal).then(
      () => this.reconcile(),
      () => undefined,
    );
  }
}
