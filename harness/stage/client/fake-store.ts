import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { StatusError } from './status-error.ts';
import { keyOf } from './object-store.ts';
import type { DeleteOptions, KubeObject, ObjectMeta, WatchEvent } from './types.ts';

interface Change {
  readonly version: number;
  readonly collection: string;
  readonly event: WatchEvent;
}

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

  collections(): string[] {
    return [...this.#collections.keys()];
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
    const { generateName, name = `${generateName ?? ''}${randomUUID().slice(0, 5)}` } =
      object.metadata as Partial<ObjectMeta>;
    const metadata = {
      ...object.metadata,
      name,
      uid: randomUUID(),
      creationTimestamp: new Date().toISOString(),
      generation: 1,
    };
    const key = keyOf({ metadata });
    if (this.#collections.get(collection)?.has(key)) {
      throw new StatusError(`${collection} "${key}" already exists`, { code: 409, reason: 'AlreadyExists' });
    }
    return this.#write('ADDED', collection, { ...object, metadata });
  }

  /** Without a subresource `status` stays as it was; with `status` only that changes. */
  update(collection: string, key: string, object: KubeObject, subresource?: string): KubeObject {
    const before = this.get(collection, key);
    const version = object.metadata.resourceVersion;
    if (version !== undefined && version !== before.metadata.resourceVersion) {
      throw new StatusError(`${collection} "${key}" was modified`, { code: 409, reason: 'Conflict' });
    }
    const { uid, creationTimestamp, deletionTimestamp, generation = 1 } = before.metadata;
    const specChanged = subresource !== 'status' && !isDeepStrictEqual(object['spec'], before['spec']);
    const metadata = {
      ...(subresource === 'status' ? before.metadata : object.metadata),
      ...(uid !== undefined && { uid }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      generation: specChanged ? generation + 1 : generation,
    };
    const after =
      subresource === 'status'
        ? { ...before, metadata, status: object['status'] }
        : { ...object, metadata, ...(before['status'] !== undefined && { status: before['status'] }) };
    const kept = { ...before, metadata: { ...before.metadata, resourceVersion: '' } };
    if (isDeepStrictEqual({ ...after, metadata: { ...metadata, resourceVersion: '' } }, kept)) return before;
    if (deletionTimestamp !== undefined && !held(after)) return this.#write('DELETED', collection, after);
    return this.#write('MODIFIED', collection, after);
  }

  delete(collection: string, key: string, options: DeleteOptions): KubeObject {
    const before = this.get(collection, key);
    if (options.uid !== undefined && options.uid !== before.metadata.uid) {
      throw new StatusError('the UID does not match', { code: 409, reason: 'Conflict' });
    }
    const extra = { Foreground: ['foregroundDeletion'], Orphan: ['orphan'], Background: [] };
    const finalizers = new Set([
      ...(before.metadata.finalizers ?? []),
      ...extra[options.propagationPolicy ?? 'Background'],
    ]);
    const spec = before['spec'] as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
    const ownGraceS =
      before.kind === 'Pod' && spec?.nodeName !== undefined ? (spec.terminationGracePeriodSeconds ?? 30) : 0;
    const deletionGracePeriodSeconds = options.gracePeriodSeconds ?? ownGraceS;
    const after = {
      ...before,
      metadata: {
        ...before.metadata,
        ...(finalizers.size > 0 && { finalizers: [...finalizers] }),
        deletionTimestamp: before.metadata.deletionTimestamp ?? new Date().toISOString(),
        deletionGracePeriodSeconds,
      },
    };
    return this.#write(held(after) ? 'MODIFIED' : 'DELETED', collection, after);
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

/** What keeps an object that was deleted from going. */
function held({ kind, metadata, ...rest }: KubeObject): boolean {
  const spec = rest['spec'] as { finalizers?: unknown[] } | undefined;
  return (
    (metadata.finalizers ?? []).length > 0 ||
    (kind === 'Pod' && (metadata.deletionGracePeriodSeconds ?? 0) > 0) ||
    (kind === 'Namespace' && (spec?.finalizers ?? []).length > 0)
  );
}
