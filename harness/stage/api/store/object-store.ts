import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../client/types.ts';
import { gone } from '../status.ts';

export interface ObjectRef {
  /** As `storageKey` gives it: `pods`, `deployments.apps`. */
  readonly resource: string;
  /** '' for what has no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** One change, as watches are told of it. */
export interface ChangeEvent {
  readonly revision: number;
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** A change as it is on disk. Every revision is one change of one object; there are no gaps. */
interface ChangeRow extends ObjectRef {
  readonly revision: number;
  readonly deleted: 0 | 1;
  /** JSON of the object; its last state, with the new revision, when it was deleted. */
  readonly value: string;
  /** JSON of the object before; null when it was created. */
  readonly previous: string | null;
}

type Listener = (event: ChangeEvent) => void;
type Objects = Map<string, KubeObject>;

const schema = `
  CREATE TABLE IF NOT EXISTS objects (
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (resource, namespace, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (
    revision INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    deleted INTEGER NOT NULL, value TEXT NOT NULL, previous TEXT
  );`;
/** Old changes are thrown away in batches of this many. */
const pruneEvery = 256;
/** How often changes of other API servers are looked for. */
const pollMs = 20;
/** Rows read at a time while loading, so that health checks are answered meanwhile. */
const rowsPerTurn = 200;

/** Where an object stands in lists. */
export function keyOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

/**
 * All objects, in a SQLite file that several API servers share and in memory, with the latest changes. Reads come from
 * memory; `sync` brings it up to what any process has written. Objects are never changed in place.
 */
export class ObjectStore {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #keptChanges: number;
  #revision = 0;
  /** By resource, then by key. */
  readonly #objects = new Map<string, Objects>();
  /** Oldest first, without gaps, up to the revision. */
  #events: ChangeEvent[] = [];
  readonly #sorted = new Map<string, readonly KubeObject[]>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param keptChanges how far back watches and paged lists can go, in changes of all resources; at least 1. */
  constructor(file: string, keptChanges: number) {
    this.#keptChanges = keptChanges;
    this.#db = new DatabaseSync(file, { timeout: 10_000 });
    // A commit is in the page cache of the system when it returns: it outlives the process, though not the machine.
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${schema}`);
    this.#statements = prepare(this.#db);
  }

  /** Reads everything; resolves when it is there. Nothing else may be called before. */
  async load(): Promise<void> {
    const { objects, changes } = this.#statements;
    let rows = 0;
    const pause = async (): Promise<void> => (++rows % rowsPerTurn === 0 ? await setImmediate() : undefined);
    this.#db.exec('BEGIN');
    try {
      for (const { resource, value } of objects.iterate()) {
        const object = parse(value);
        this.#of(String(resource)).set(keyOf(object), object);
        await pause();
      }
      // Neighbouring events share their objects, and the last ones share theirs with the lists: half the memory.
      const latest = new Map<string, KubeObject>();
      for (const row of changes.iterate(0) as Iterable<unknown> as Iterable<ChangeRow>) {
        const key = `${row.resource}/${row.namespace}/${row.name}`;
        const now = this.find(row);
        const isNow = now?.metadata.resourceVersion === String(row.revision);
        const before = row.previous === null ? undefined : (latest.get(key) ?? parse(row.previous));
        const event = toEvent(row, before, isNow ? now : undefined);
        latest.set(key, event.object);
        this.#events.push(event);
        this.#revision = row.revision;
        await pause();
      }
    } finally {
      this.#db.exec('COMMIT');
    }
    this.#timer = setInterval(() => this.sync(), pollMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#db.close();
  }

  revision(): number {
    return this.#revision;
  }

  find({ resource, namespace, name }: ObjectRef): KubeObject | undefined {
    return this.#of(resource).get(`${namespace}/${name}`);
  }

  count(resource: string): number {
    return this.#of(resource).size;
  }

  /** In the order of their keys; the same array until the resource changes. */
  list(resource: string): readonly KubeObject[] {
    const known = this.#sorted.get(resource) ?? inOrder(this.#of(resource));
    this.#sorted.set(resource, known);
    return known;
  }

  /** The objects as they were. Throws 410 when the changes since then are not kept any more. */
  listAt(resource: string, revision: number): readonly KubeObject[] {
    const undone = this.eventsSince(resource, revision);
    if (undone.length === 0) return this.list(resource);
    const before = new Map(this.#of(resource));
    for (const { object, previous } of undone.toReversed()) {
      if (previous) before.set(keyOf(previous), previous);
      else before.delete(keyOf(object));
    }
    return inOrder(before);
  }

  /** Throws 410 when they are not kept any more. */
  eventsSince(resource: string, since: number): ChangeEvent[] {
    const floor = (this.#events[0]?.revision ?? this.#revision + 1) - 1;
    if (since < floor) throw gone(`too old resource version: ${since} (${floor})`);
    return this.#events.filter((event) => event.revision > since && event.resource === resource);
  }

  subscribe(resource: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Throws when this process slept for so long that changes it has not seen are gone: it has to start anew. */
  sync(): void {
    for (const row of this.#statements.changes.all(this.#revision) as unknown as ChangeRow[]) {
      if (row.revision !== this.#revision + 1) throw new Error(`Changes after revision ${this.#revision} are gone`);
      this.#apply(toEvent(row, this.find(row)));
    }
  }

  #apply(event: ChangeEvent): void {
    const { resource, object, type, revision } = event;
    this.#revision = revision;
    this.#events.push(event);
    if (this.#events.length > this.#keptChanges * 1.25) this.#events = this.#events.slice(-this.#keptChanges);
    if (type === 'DELETED') this.#of(resource).delete(keyOf(object));
    else this.#of(resource).set(keyOf(object), object);
    this.#sorted.delete(resource);
    for (const listener of this.#listeners.get(resource) ?? []) listener(event);
  }

  /**
   * `change` runs alone among all processes and sees the newest state. It makes another object, gives the same one
   * (nothing is written), or nothing (it is deleted). Gives the object with its new resourceVersion, or its last state.
   */
  write(
    ref: ObjectRef,
    change: (current: KubeObject | undefined) => KubeObject | undefined,
  ): { readonly object: KubeObject | undefined; readonly deleted: boolean } {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      this.sync();
      const current = this.find(ref);
      const next = change(current);
      const last = next ?? current;
      if (next === current || !last) return { object: current, deleted: false };
      const revision = this.#revision + 1;
      const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } };
      const previous = current ? JSON.stringify(current) : null;
      this.#store({ ...ref, revision, deleted: next ? 0 : 1, value: JSON.stringify(object), previous });
      this.#db.exec('COMMIT');
      this.sync();
      return { object, deleted: !next };
    } finally {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }

  #store({ resource, namespace, name, revision, deleted, value, previous }: ChangeRow): void {
    const { put, remove, log, prune } = this.#statements;
    if (deleted === 1) remove.run(resource, namespace, name);
    else put.run(resource, namespace, name, value);
    log.run(revision, resource, namespace, name, deleted, value, previous);
    // The newest change always stays: it says what the revision is.
    if (revision % pruneEvery === 0) prune.run(revision - this.#keptChanges);
  }

  #of(resource: string): Objects {
    const objects = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, objects);
    return objects;
  }
}

function prepare(db: DatabaseSync) {
  return {
    objects: db.prepare('SELECT * FROM objects'),
    changes: db.prepare('SELECT * FROM changes WHERE revision > ? ORDER BY revision'),
    put: db.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?'),
    log: db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)'),
    prune: db.prepare('DELETE FROM changes WHERE revision <= ?'),
  };
}

function inOrder(objects: Objects): readonly KubeObject[] {
  return [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function toEvent(row: ChangeRow, previous: KubeObject | undefined, object = parse(row.value)): ChangeEvent {
  const type = row.deleted === 1 ? 'DELETED' : row.previous === null ? 'ADDED' : 'MODIFIED';
  return { revision: row.revision, resource: row.resource, type, object, previous };
}

function parse(json: unknown): KubeObject {
  return JSON.parse(String(json)) as KubeObject;
}
