import type { InformerChange, InformerOptions, KubeObject } from './types.ts';

/** `namespace/name`, or `name` for what has no namespace. */
export function keyOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** The objects of an informer; tells every change after it was made. */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listener: Pick<InformerOptions, 'onChange' | 'onError'>;

  constructor(listener: Pick<InformerOptions, 'onChange' | 'onError'>) {
    this.#listener = listener;
  }

  get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  set(object: KubeObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#tell({ type: before === undefined ? 'added' : 'modified', object, before });
  }

  delete(object: KubeObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (this.#objects.delete(key)) this.#tell({ type: 'deleted', object, before });
  }

  /** Takes a whole list: what is not in it was deleted meanwhile; what has not changed is not told. */
  replace(items: readonly KubeObject[]): void {
    const left = new Map(this.#objects);
    const changed = items.filter((item) => {
      const key = keyOf(item);
      const before = left.get(key);
      left.delete(key);
      return before === undefined || before.metadata.resourceVersion !== item.metadata.resourceVersion;
    });
    for (const gone of left.values()) this.delete(gone);
    for (const item of changed) this.set(item);
  }

  /** The copy is kept whatever its reader does. */
  #tell(change: InformerChange): void {
    try {
      this.#listener.onChange?.(change);
    } catch (problem) {
      this.#listener.onError?.(problem);
    }
  }
}
