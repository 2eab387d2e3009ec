import { DatabaseSync } from 'node:sqlite';

/** A change as it is on disk. Every revision is one change of one object; there are no gaps. */
export interface ChangeRow {
  readonly revision: number;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly deleted: number;
  /** JSON of the object after the change; its last state, with the new revision, when it was deleted. */
  readonly value: string;
  /** JSON of the object before; null when it was created. */
  readonly previous: string | null;
}

interface ObjectRow {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

type ChangeToWrite = Omit<ChangeRow, 'deleted'> & { readonly deleted: boolean };

/** Objects and their newest changes in one SQLite file that several API servers may have open. */
export interface Database {
  /** Newest revision; 0 when nothing was ever written. */
  revision(): number;
  /** Oldest first. */
  changesSince(revision: number): ChangeRow[];
  objects(): Iterable<ObjectRow>;
  changes(): Iterable<ChangeRow>;
  /** What `read` sees is one moment, until it is finished. */
  snapshot<T>(read: () => Generator<T>): Generator<T>;
  /** Runs `change` alone among all processes; what it wrote is kept unless it throws or `keep` is false. */
  exclusive<T>(keep: boolean, change: () => T): T;
  /** Only inside `exclusive`. */
  write(change: ChangeToWrite): void;
  close(): void;
}

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

/**
 * @param keptChanges how far back a watch can begin. At least 1: the newest change says what the revision is.
 */
export function openDatabase(file: string, keptChanges: number): Database {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  // A commit is in the page cache of the system when it returns: it outlives the process, though not the machine.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  db.exec(schema);
  const newest = db.prepare('SELECT max(revision) AS revision FROM changes');
  const since = db.prepare('SELECT * FROM changes WHERE revision > ? ORDER BY revision');
  const put = db.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?');
  const log = db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)');
  const prune = db.prepare('DELETE FROM changes WHERE revision <= ?');
  return {
    revision: () => Number(newest.get()?.['revision'] ?? 0),
    changesSince: (revision) => since.all(revision) as unknown as ChangeRow[],
    objects: () => db.prepare('SELECT * FROM objects').iterate() as Iterable<unknown> as Iterable<ObjectRow>,
    changes: () => since.iterate(0) as Iterable<unknown> as Iterable<ChangeRow>,
    snapshot: (read) => insideTransaction(db, read),
    exclusive: (keep, change) => {
      db.exec('BEGIN IMMEDIATE');
      let done = false;
      try {
        const result = change();
        done = keep;
        return result;
      } finally {
        db.exec(done ? 'COMMIT' : 'ROLLBACK');
      }
    },
    write: ({ revision, resource, namespace, name, deleted, value, previous }) => {
      if (deleted) remove.run(resource, namespace, name);
      else put.run(resource, namespace, name, value);
      log.run(revision, resource, namespace, name, deleted ? 1 : 0, value, previous);
      if (revision % pruneEvery === 0) prune.run(revision - keptChanges);
    },
    close: () => db.close(),
  };
}

function* insideTransaction<T>(db: DatabaseSync, read: () => Generator<T>): Generator<T> {
  if (db.isTransaction) return yield* read();
  db.exec('BEGIN');
  try {
    yield* read();
  } finally {
    db.exec('COMMIT');
  }
}
