/** A Kubernetes object, as far as we look into it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly creationTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly resourceVersion?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Where an object lives. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The few calls that Blackstart makes. Each has a deadline; "not reachable" rejects, "not found" is undefined. */
export interface ApiClient {
  /** GET /readyz answers 200. Never rejects. */
  ready(): Promise<boolean>;
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  list(what: {
    apiVersion: string;
    kind: string;
    namespace?: string;
    labelSelector?: string;
    fieldSelector?: string;
  }): Promise<readonly KubeObject[]>;
  create(object: KubeObject): Promise<KubeObject>;
  /** True when the deletion was accepted or the object was not there. */
  delete(ref: ObjectRef): Promise<void>;
  /** Server-side apply: makes the object, or owns the fields that it has; conflicts are overruled. */
  apply(object: KubeObject, fieldManager: string): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(ref: ObjectRef, patch: Readonly<Record<string, unknown>>): Promise<KubeObject>;
}
