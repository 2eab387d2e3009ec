import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../client/types.ts';
import { openDatabase, type ChangeRow, type Database } from './database.ts';
import { keyOf, openWatchCache, type CacheState, type ChangeEvent, type WatchCache } from './watch-cache.ts';

export interface ObjectRef {
  /** As `storageKey` gives it: `pods`, `deployments.apps`. */
  readonly resource: string;
  /** '' for what has no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** What a write makes of an object: another one, the same one (nothing is written), or nothing (it is deleted). */
type Change = (current: KubeObject | undefined) => KubeObject | undefined;

interface Written {
  /** With its new resourceVersion; when it was deleted its last state, or undefined when there was none. */
  readonly object: KubeObject | undefined;
  readonly deleted: boolean;
}

/** The database with its copy in memory. Reads come from the copy; `sync` brings it up to what any process has written. */
export interface ObjectStore extends Omit<WatchCache, 'apply' | 'reset'> {
  /** Fills the copy; resolves when it is complete. Nothing else may be called before. */
  load(): Promise<void>;
  sync(): void;
  find(ref: ObjectRef): KubeObject | undefined;
  /** `change` runs alone among all processes and sees the newest state. With `dryRun` nothing is kept. */
  write(ref: ObjectRef, change: Change, dryRun?: boolean): Written;
  close(): void;
}

/** How often changes of other API servers are looked for. */
const pollMs = 20;
/** Rows read at a time while loading, so that health checks are answered meanwhile. */
const rowsPerTurn = 200;

/** @param keptChanges how far back watches and paged lists can go. */
export function openObjectStore(file: string, keptChanges: number): ObjectStore {
  const database = openDatabase(file, keptChanges);
  const cache = openWatchCache(keptChanges);
  let timer: NodeJS.Timeout | undefined;

  const sync = (): void => {
    for (const row of database.changesSince(cache.revision())) {
      if (row.revision !== cache.revision() + 1) {
        // This process slept for so long that changes it has not seen are gone.
        cache.reset(readAllNow(database));
        return;
      }
      cache.apply(toEvent(row, cache.get(row.resource, keyOf(row.namespace, row.name))));
    }
  };
  return {
    ...cache,
    sync,
    find: ({ resource, namespace, name }) => cache.get(resource, keyOf(namespace, name)),
    load: async () => {
      const reading = database.snapshot(() => readAll(database));
      let step = reading.next();
      for (; !step.value; step = reading.next()) await setImmediate();
      reading.return(undefined);
      cache.reset(step.value);
      timer = setInterval(sync, pollMs);
    },
    write: (ref, change, dryRun = false) => {
      const written = database.exclusive(!dryRun, () => {
        sync();
        return writeOne(database, cache, ref, change);
      });
      if (!dryRun) sync();
      return written;
    },
    close: () => {
      clearInterval(timer);
      database.close();
    },
  };
}

function writeOne(database: Database, cache: WatchCache, ref: ObjectRef, change: Change): Written {
  const current = cache.get(ref.resource, keyOf(ref.namespace, ref.name));
  const next = change(current);
  if (next === current) return { object: current, deleted: false };
  const last = next ?? current;
  if (!last) return { object: undefined, deleted: false };
  const revision = cache.revision() + 1;
  const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } };
  const previous = current ? JSON.stringify(current) : null;
  const deleted = next === undefined;
  database.write({ ...ref, revision, deleted, value: JSON.stringify(object), previous });
  return { object, deleted };
}

function toEvent(row: ChangeRow, previous: KubeObject | undefined, object = parse(row.value)): ChangeEvent {
  const type = row.deleted === 1 ? 'DELETED' : row.previous === null ? 'ADDED' : 'MODIFIED';
  return { revision: row.revision, resource: row.resource, type, object, previous };
}

function parse(json: string): KubeObject {
  return JSON.parse(json) as KubeObject;
}

function readAllNow(database: Database): CacheState {
  for (const state of database.snapshot(() => readAll(database))) if (state) return state;
  throw new Error('The store cannot be read');
}

/** Yields undefined now and then so that its caller may do something else; the state comes last. */
function* readAll(database: Database): Generator<CacheState | undefined> {
  const revision = database.revision();
  const objects = new Map<string, Map<string, KubeObject>>();
  let rows = 0;
  for (const { resource, namespace, name, value } of database.objects()) {
    const held = objects.get(resource) ?? new Map<string, KubeObject>();
    objects.set(resource, held.set(keyOf(namespace, name), parse(value)));
    if (++rows % rowsPerTurn === 0) yield undefined;
  }
  const events: ChangeEvent[] = [];
  // Neighbouring events share their objects, and the last ones share theirs with the cache: half the memory.
  const latest = new Map<string, KubeObject>();
  for (const row of database.changes()) {
    const key = `${row.resource} ${keyOf(row.namespace, row.name)}`;
    const now = objects.get(row.resource)?.get(keyOf(row.namespace, row.name));
    const isNow = now?.metadata.resourceVersion === String(row.revision);
    const previous = row.previous === null ? undefined : (latest.get(key) ?? parse(row.previous));
    const event = toEvent(row, previous, isNow ? now : undefined);
    latest.set(key, event.object);
    events.push(event);
    if (++rows % rowsPerTurn === 0) yield undefined;
  }
  yield { revision, objects, events };
}
