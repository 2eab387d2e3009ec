/** What every part of the stage shares when it talks to the API: objects, and how they are asked for. */

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

/** A kind of resource, by the path that the API serves it under: `''` is the core group. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  /** Plural, for example `pods`. */
  readonly plural: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Unset: most recent, from the store; `0`: whatever the watch cache has. */
  readonly resourceVersion?: string;
}

export interface ObjectList {
  readonly resourceVersion: string;
  readonly items: KubeObject[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** One API client: one keep-alive pool, one identity. Every call rejects with a StatusError (client/status-error.ts). */
export interface StageClient {
  get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  list(resource: Resource, options?: ListOptions): Promise<ObjectList>;
  create(resource: Resource, object: KubeObject): Promise<KubeObject>;
  /** PUT; 409 when the object's resourceVersion is not the current one. `subresource`: `status` or `scale`. */
  update(resource: Resource, object: KubeObject, subresource?: string): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(resource: Resource, ref: ObjectName, patch: unknown, subresource?: string): Promise<KubeObject>;
  /** Nothing happens when it is not there. */
  delete(resource: Resource, ref: ObjectName, options?: DeleteOptions): Promise<void>;
  /** Any other call; the answer's body is text. */
  raw(method: string, path: string, body?: unknown, contentType?: string): Promise<{ status: number; body: string }>;
  /** Resolves when the server or `signal` ends the watch; rejects when it could not begin or broke. */
  watch(resource: Resource, options: WatchOptions): Promise<void>;
  close(): void;
}

export interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly uid?: string;
}

export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
}

export interface ClientOptions {
  /** `https://127.x.y.z:6443`. */
  readonly server: string;
  /** PEM texts. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly userAgent: string;
  /** Wall milliseconds per call but a watch. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * A local copy of a resource, kept by LIST and WATCH (a reflector with a store). Never gives up: back-off 800 ms, doubled
 * up to 30 s, jitter 1.0, reset after 2 min of health (client-go). `hasSynced` stays true once the first LIST is there.
 */
export interface Informer {
  readonly hasSynced: () => boolean;
  /** Resolves at the first sync; rejects when `stop` comes first. */
  readonly synced: Promise<void>;
  /** The objects by `namespace/name` (or `name`). Never changed by readers. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  stop(): void;
}

export interface InformerOptions extends Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> {
  /** After every change of the store, also once when the first list is there. */
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
