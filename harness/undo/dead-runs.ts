import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './process-identity.ts';
import { readUndoLog, type ChangedCluster, type UndoEntry } from './undo-log.ts';

/** A run whose process is gone and that left undos behind. */
export interface DeadRun {
  readonly folder: string;
  readonly undoLog: string;
  readonly pending: readonly UndoEntry[];
  /** Undefined in old logs. */
  readonly cluster: ChangedCluster | undefined;
}

/**
 * Looks through `runs/<experiment>/<time>/undo.jsonl`, and those of a study's runs one folder below: the study comes first,
 * and with it the cluster. Runs that still live are left alone.
 */
export function findDeadRuns(runsFolder: string): readonly DeadRun[] {
  return undoLogs(runsFolder).flatMap((folder) => {
    const undoLog = join(folder, 'undo.jsonl');
    const read = readable(undoLog);
    if (!read) return [];
    const { header, pending } = read;
    if (pending.length === 0 || isAlive(header.owner)) return [];
    return [{ folder, undoLog, pending, cluster: header.cluster }];
  });
}

/** A log that was torn before its first line holds nothing to undo: the first undo is written before the first change. */
function readable(undoLog: string): ReturnType<typeof readUndoLog> | undefined {
  try {
    return readUndoLog(undoLog);
  } catch {
    return undefined;
  }
}

function undoLogs(runsFolder: string): readonly string[] {
  if (!existsSync(runsFolder)) return [];
  return folders(runsFolder)
    .flatMap(folders)
    .flatMap((folder) => [folder, ...folders(folder)])
    .filter((folder) => existsSync(join(folder, 'undo.jsonl')));
}

function folders(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .toSorted();
}
