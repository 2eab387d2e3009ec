import type { KubeObject } from '../../client/types.ts';

/** Who owns whom, by uid; what it holds are keys such as `pods default/web-x`. */
export class OwnerGraph {
  readonly #uidOf = new Map<string, { readonly uid: string | undefined; readonly owners: readonly string[] }>();
  readonly #keys = new Map<string, Set<string>>();
  readonly #dependents = new Map<string, Set<string>>();

  /** `undefined`: the object of this key is gone. */
  set(key: string, object: KubeObject | undefined): void {
    const before = this.#uidOf.get(key);
    if (before?.uid !== undefined) drop(this.#keys, before.uid, key);
    for (const owner of before?.owners ?? []) drop(this.#dependents, owner, key);
    this.#uidOf.delete(key);
    if (!object) return;
    const { uid, ownerReferences = [] } = object.metadata;
    const owners = ownerReferences.map((owner) => owner.uid);
    this.#uidOf.set(key, { uid, owners });
    if (uid !== undefined) put(this.#keys, uid, key);
    for (const owner of owners) put(this.#dependents, owner, key);
  }

  /** The key of the object with that uid; none when it is not there. */
  keysOf(uid: string): string[] {
    return [...(this.#keys.get(uid) ?? [])];
  }

  dependentsOf({ metadata }: KubeObject): string[] {
    return metadata.uid === undefined ? [] : [...(this.#dependents.get(metadata.uid) ?? [])];
  }
}

function put(map: Map<string, Set<string>>, at: string, key: string): void {
  const keys = map.get(at);
  if (keys) keys.add(key);
  else map.set(at, new Set([key]));
}

function drop(map: Map<string, Set<string>>, at: string, key: string): void {
  const keys = map.get(at);
  keys?.delete(key);
  if (keys?.size === 0) map.delete(at);
}
