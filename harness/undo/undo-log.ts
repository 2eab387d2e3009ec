import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { BlackstartError } from '../core/errors.ts';
import type { Change, UndoCommand } from './change.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** The first line: who owns the changes. */
export interface UndoLogHeader {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly owner: ProcessIdentity;
  /** Missing in logs of before it was written down. */
  readonly cluster?: ChangedCluster;
}

/** The cluster in which the changes are made, or which is one of them. */
export interface ChangedCluster {
  readonly backend: string;
  readonly name: string;
  /** What holds it, as its backend says (`Backend.location`). Missing where that could not be told, and in old logs. */
  readonly location?: string | undefined;
}

/** One change as data: everything another process needs to take it back. */
export interface UndoEntry {
  readonly id: number;
  readonly describe: string;
  readonly needs: Change['needs'];
  readonly undo: UndoCommand;
}

/**
 * `kept`: it was decided that the change stays, for example a cluster with --keep. `void`: it went away with its cluster,
 * and its undo has nothing to work on any more.
 */
type UndoState = 'planned' | 'applied' | 'undone' | 'kept' | 'void';

type LaterState = Exclude<UndoState, 'planned'>;

type UndoLine = ({ readonly state: 'planned' } & UndoEntry) | { readonly state: LaterState; readonly id: number };

/** The open undo log of a run. Every write is flushed to disk before the call returns. */
export interface UndoLog {
  /** Writes the undo down; from now on any process can carry it out. */
  plan(change: Pick<Change, 'describe' | 'needs' | 'undo'>): UndoEntry;
  mark(entry: UndoEntry, state: LaterState): void;
  close(): void;
}

/** Creates the file; it must not exist yet. */
export function createUndoLog(path: string, header: Omit<UndoLogHeader, 'schemaVersion'>): UndoLog {
  const file = openSync(path, 'ax', 0o600);
  const write = (line: UndoLogHeader | UndoLine): void => writeFlushed(file, line);
  write({ schemaVersion: 1, ...header });
  let nextId = 0;
  return {
    plan: (change) => {
      const entry: UndoEntry = { id: nextId++, describe: change.describe, needs: change.needs, undo: change.undo };
      write({ state: 'planned', ...entry });
      return entry;
    },
    mark: (entry, state) => {
      try {
        write({ state, id: entry.id });
      } catch {
        // A full disk: the undo is repeated by `cleanup`, which does no harm. What is under way must go on.
      }
    },
    close: () => closeSync(file),
  };
}

/** Marks an entry of somebody else's log. */
export function markEntry(path: string, entry: UndoEntry, state: 'undone' | 'void'): void {
  const file = openSync(path, 'a');
  try {
    // A torn last line has no end; begin a new one so that this mark stays readable.
    writeSync(file, '\n');
    writeFlushed(file, { state, id: entry.id });
  } finally {
    closeSync(file);
  }
}

/** Reads an undo log; a torn last line is left out, because what it announced was not yet done. */
export function readUndoLog(path: string): { readonly header: UndoLogHeader; readonly pending: readonly UndoEntry[] } {
  const [first, ...lines] = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => parsed(line));
  if (first === undefined || !('runId' in first)) throw new BlackstartError('usage', `${path} is not an undo log`);
  const pending = new Map<number, UndoEntry>();
  for (const line of lines) {
    if (!('state' in line)) continue;
    if (line.state === 'planned') pending.set(line.id, line);
    else if (line.state !== 'applied') pending.delete(line.id);
  }
  return { header: first, pending: [...pending.values()] };
}

function parsed(line: string): (UndoLogHeader | UndoLine)[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as UndoLogHeader | UndoLine];
  } catch {
    return [];
  }
}

function writeFlushed(file: number, line: UndoLogHeader | UndoLine): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
  fsyncSync(file);
}
