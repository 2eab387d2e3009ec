/** What every part of the stage shares when it talks to the API: objects, and how they are asked for. */
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';

/** A Kubernetes object. Only `metadata` is looked into by everybody; each part narrows the rest for itself. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** A kind of resource, by the path that the API serves it under: `''` is the core group; `plural` as in `pods`. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Unset: most recent, from the store; `0`: whatever the watch cache has. */
  readonly resourceVersion?: string | undefined;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** One API client: one keep-alive pool, one identity. Every call rejects with a StatusError. */
export interface StageClient {
  get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  list(resource: Resource, options?: ListOptions): Promise<{ resourceVersion: string; items: KubeObject[] }>;
  /** POST; `subresource`: to that of the object of that name, for example `binding`. */
  create(resource: Resource, object: KubeObject, subresource?: string): Promise<KubeObject>;
  /** PUT; 409 when the object's resourceVersion is not the current one. */
  update(resource: Resource, object: KubeObject, subresource?: string): Promise<KubeObject>;
  /** By JSON merge patch. */
  patch(resource: Resource, ref: ObjectName, patch: unknown, subresource?: string): Promise<KubeObject>;
  /** Nothing happens when it is not there. */
  delete(resource: Resource, ref: ObjectName, options?: DeleteOptions): Promise<void>;
  /** Any other call; the answer's body is text. */
  raw(method: string, path: string, body?: unknown): Promise<{ status: number; body: string }>;
  /** Resolves when the server or `signal` ends the watch; rejects when it could not begin or broke. */
  watch(resource: Resource, options: WatchOptions): Promise<void>;
  close(): void;
}

interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  /** Only the object with this uid is meant, not a later one of the same name. */
  readonly uid?: string | undefined;
}

interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
}

/** Where the API is (`https://127.x.y.z:6443`), and who we are: PEM texts or a token. */
export interface ClientOptions {
  readonly server: string;
  readonly ca: string;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly userAgent: string;
  /** Wall milliseconds per call but a watch. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A local copy of a resource, kept by LIST and WATCH through any outage. */
export interface Informer<T extends KubeObject = KubeObject> {
  /** True for ever once the first LIST is there. */
  readonly hasSynced: () => boolean;
  /** Resolves at the first sync; rejects when `stop` comes first. */
  readonly synced: Promise<void>;
  /** The objects by `namespace/name` (or `name`). Never changed by readers. */
  readonly objects: ReadonlyMap<string, T>;
  stop(): void;
}

export interface InformerOptions {
  readonly fieldSelector?: string;
  readonly clock?: Clock;
  readonly random?: Pick<Random, 'next'>;
  /** After every change of the store, also for each object of the first list. */
  readonly onChange?: (change: InformerChange) => void;
  /** Told about every failed LIST or WATCH. */
  readonly onError?: (problem: unknown) => void;
}

export interface InformerChange {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: KubeObject;
  /** The object before; undefined when it was added. */
  readonly before: KubeObject | undefined;
}
