import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { keyOf } from './object-store.ts';
import { StatusError } from './status-error.ts';
import type { DeleteOptions, KubeObject, ObjectMeta, WatchEvent } from './types.ts';

export interface Change {
  readonly version: number;
  readonly collection: string;
  readonly event: WatchEvent;
}

const policyFinalizers = { Foreground: ['foregroundDeletion'], Orphan: ['orphan'], Background: [] };

/**
 * The objects of the fake API, by collection (`apps/v1/deployments`, `v1/pods`), with the rules that clients depend on:
 * resource versions, generations, conflicts, finalizers, grace.
 */
export class FakeStore {
  readonly changes: Change[] = [];
  readonly #collections = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 1;

  get version(): string {
    return String(this.#version);
  }

  list(collection: string): KubeObject[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  get(collection: string, key: string): KubeObject {
    const object = this.#collections.get(collection)?.get(key);
    if (!object) throw new StatusError(`${collection} "${key}" not found`, { code: 404, reason: 'NotFound' });
    return object;
  }

  create(collection: string, object: KubeObject): KubeObject {
    const { generateName = '', name = generateName + randomUUID().slice(0, 5) } =
      object.metadata as Partial<ObjectMeta>;
    const made = { name, uid: randomUUID(), creationTimestamp: new Date().toISOString(), generation: 1 };
    const metadata = { ...object.metadata, ...made };
    const key = keyOf({ metadata });
    if (this.#collections.get(collection)?.has(key)) {
      throw new StatusError(`${collection} "${key}" already exists`, { code: 409, reason: 'AlreadyExists' });
    }
    return this.#write('ADDED', collection, { ...object, metadata });
  }

  /** Without a subresource `status` stays as it was; with `status` only that changes. */
  update(collection: string, key: string, object: KubeObject, subresource?: string): KubeObject {
    const before = this.get(collection, key);
    const { resourceVersion, uid = '', creationTimestamp = '', deletionTimestamp, generation = 1 } = before.metadata;
    if ((object.metadata.resourceVersion ?? resourceVersion) !== resourceVersion) {
      throw new StatusError(`${collection} "${key}" was modified`, { code: 409, reason: 'Conflict' });
    }
    const isSame = isDeepStrictEqual(object['spec'], before['spec']);
    const kept = { uid, creationTimestamp, ...(deletionTimestamp !== undefined && { deletionTimestamp }) };
    const metadata = { ...object.metadata, ...kept, generation: isSame ? generation : generation + 1 };
    const after =
      subresource === 'status'
        ? { ...before, status: object['status'] }
        : { ...object, metadata, ...(before['status'] !== undefined && { status: before['status'] }) };
    const versioned = { ...after, metadata: { ...after.metadata, resourceVersion } };
    if (isDeepStrictEqual(versioned, before)) return before;
    return this.#write(deletionTimestamp === undefined || isHeld(after) ? 'MODIFIED' : 'DELETED', collection, after);
  }

  delete(collection: string, key: string, { uid, propagationPolicy, gracePeriodSeconds }: DeleteOptions): KubeObject {
    const before = this.get(collection, key);
    if (uid !== undefined && uid !== before.metadata.uid) {
      throw new StatusError('the UID does not match', { code: 409, reason: 'Conflict' });
    }
    const { finalizers: old = [], deletionTimestamp = new Date().toISOString() } = before.metadata;
    const finalizers = [...new Set([...old, ...policyFinalizers[propagationPolicy ?? 'Background']])];
    const { nodeName, terminationGracePeriodSeconds = 30 } = (before['spec'] ?? {}) as {
      nodeName?: string;
      terminationGracePeriodSeconds?: number;
    };
    const graceS = before.kind === 'Pod' && nodeName !== undefined ? terminationGracePeriodSeconds : 0;
    const deleted = { deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds ?? graceS };
    const after = {
      ...before,
      metadata: { ...before.metadata, ...(finalizers.length > 0 && { finalizers }), ...deleted },
    };
    return this.#write(isHeld(after) ? 'MODIFIED' : 'DELETED', collection, after);
  }

  /** As when the API's history is gone: a watch from before now gets 410. */
  forget(): void {
    this.#version += 1;
    this.changes.length = 0;
  }

  /** Told of every change from now on, until the returned function is called. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes after a version; undefined when some of them were forgotten. */
  since(version: number): readonly Change[] | undefined {
    const oldest = this.changes[0]?.version ?? this.#version + 1;
    return version < oldest - 1 ? undefined : this.changes.filter((change) => change.version > version);
  }

  #write(type: WatchEvent['type'], collection: string, object: KubeObject): KubeObject {
    this.#version += 1;
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: this.version } };
    const objects = this.#collections.get(collection) ?? new Map<string, KubeObject>();
    this.#collections.set(collection, objects);
    if (type === 'DELETED') objects.delete(keyOf(written));
    else objects.set(keyOf(written), written);
    const change = { version: this.#version, collection, event: { type, object: written } };
    this.changes.push(change);
    for (const listener of this.#listeners) listener(change);
    return written;
  }
}

/** Something keeps an object that was deleted from going. */
function isHeld({ kind, metadata, spec }: KubeObject): boolean {
  const finalizers = [
    ...(metadata.finalizers ?? []),
    ...((spec as { finalizers?: string[] } | undefined)?.finalizers ?? []),
  ];
  return finalizers.length > 0 || (kind === 'Pod' && (metadata.deletionGracePeriodSeconds ?? 0) > 0);
}
