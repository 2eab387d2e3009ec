import type { KubeObject } from '../../client/types.ts';
import { gone } from '../status.ts';

/** One change, as watches are told of it. */
export interface ChangeEvent {
  readonly revision: number;
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** Called with undefined when events were lost: what was shown so far cannot be continued. */
type ChangeListener = (event: ChangeEvent | undefined) => void;

/** All objects in memory, and the changes that led to them as far back as they are kept. Objects are never changed in place. */
export interface WatchCache {
  revision(): number;
  get(resource: string, key: string): KubeObject | undefined;
  count(resource: string): number;
  /** In the order of their keys; the same array until the resource changes. */
  list(resource: string): readonly KubeObject[];
  /** The objects as they were. Throws 410 when the changes since then are not kept any more. */
  listAt(resource: string, revision: number): readonly KubeObject[];
  /** Throws 410 when they are not kept any more. */
  eventsSince(resource: string, revision: number): ChangeEvent[];
  subscribe(resource: string, listener: ChangeListener): () => void;
  apply(event: ChangeEvent): void;
  /** Replaces everything; every watch is told that it lost events. */
  reset(state: CacheState): void;
}

export interface CacheState {
  readonly revision: number;
  readonly objects: ReadonlyMap<string, Map<string, KubeObject>>;
  /** Oldest first, without gaps, up to `revision`. */
  readonly events: ChangeEvent[];
}

export function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function keyOfObject({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace ?? '', metadata.name);
}

/** @param keptEvents how many changes, of all resources together, are kept. */
export function openWatchCache(keptEvents: number): WatchCache {
  let revision = 0;
  let objects = new Map<string, Map<string, KubeObject>>();
  let events: ChangeEvent[] = [];
  const sorted = new Map<string, readonly KubeObject[]>();
  const listeners = new Map<string, Set<ChangeListener>>();

  const eventsSince = (resource: string, since: number): ChangeEvent[] => {
    const floor = (events[0]?.revision ?? revision + 1) - 1;
    if (since < floor) throw gone(`too old resource version: ${since} (${floor})`);
    return events.filter((event) => event.revision > since && event.resource === resource);
  };
  const list = (resource: string): readonly KubeObject[] => {
    const known = sorted.get(resource) ?? inOrder(objects.get(resource) ?? new Map<string, KubeObject>());
    sorted.set(resource, known);
    return known;
  };

  return {
    revision: () => revision,
    get: (resource, key) => objects.get(resource)?.get(key),
    count: (resource) => objects.get(resource)?.size ?? 0,
    list,
    listAt: (resource, at) => {
      const undone = eventsSince(resource, at);
      return undone.length === 0 ? list(resource) : inOrder(undo(objects.get(resource) ?? new Map(), undone));
    },
    eventsSince,
    subscribe: (resource, listener) => {
      const set = listeners.get(resource) ?? new Set();
      listeners.set(resource, set.add(listener));
      return () => void set.delete(listener);
    },
    apply: (event) => {
      ({ revision } = event);
      events.push(event);
      if (events.length > keptEvents * 1.25) events = events.slice(-keptEvents);
      const held = objects.get(event.resource) ?? new Map<string, KubeObject>();
      objects.set(event.resource, held);
      if (event.type === 'DELETED') held.delete(keyOfObject(event.object));
      else held.set(keyOfObject(event.object), event.object);
      sorted.delete(event.resource);
      for (const listener of listeners.get(event.resource) ?? []) listener(event);
    },
    reset: (state) => {
      ({ revision, events } = state);
      objects = new Map(state.objects);
      sorted.clear();
      for (const listener of [...listeners.values()].flatMap((set) => [...set])) listener(undefined);
    },
  };
}

function inOrder(objects: ReadonlyMap<string, KubeObject>): readonly KubeObject[] {
  return [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function undo(objects: ReadonlyMap<string, KubeObject>, events: readonly ChangeEvent[]): Map<string, KubeObject> {
  const before = new Map(objects);
  for (const { object, previous } of events.toReversed()) {
    if (previous) before.set(keyOfObject(previous), previous);
    else before.delete(keyOfObject(object));
  }
  return before;
}
