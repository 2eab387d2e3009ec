import type { Leftover } from '../core/events.ts';

/** How a change is taken back: a program with its arguments, as data, so that any other process can run it. */
export interface UndoCommand {
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

/**
 * A change to the world. Only `perform` may call `apply`, after the undo was written down and flushed.
 * The undo must be safe to run twice, and safe to run when `apply` never happened.
 */
export interface Change {
  /** What is changed, for example `park static pod kube-apiserver on NODE`. Unique within a run. */
  readonly describe: string;
  readonly undo: UndoCommand;
  /**
   * What the undo needs: `node` works with the API down, `api` is tried again until its deadline,
   * `host` (a cluster to delete) comes last.
   */
  readonly needs: 'node' | 'api' | 'host';
  /** Remembers the state before, for `verify`. */
  snapshot(): Promise<void>;
  apply(): Promise<void>;
  /** Compares with the snapshot after the undo; an empty list means that nothing is left. */
  verify(): Promise<readonly Leftover[]>;
}

/** Makes a change the safe way: undo written and flushed first, then applied. */
export type Perform = (change: Change) => Promise<void>;
