import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pasteable } from '../core/command.ts';
import { inUndoOrder } from '../undo/carry-out.ts';
import { readUndoLog } from '../undo/undo-log.ts';

/** What a run that leaves at once has not undone, with the commands that do, in the order in which to run them. */
export function pendingText(folder: string): string {
  const path = join(folder, 'undo.jsonl');
  const pending = existsSync(path) ? readUndoLog(path).pending : [];
  if (pending.length === 0) return 'Leaving now. Nothing is left to undo.\n';
  const commands = inUndoOrder(pending).map(({ describe, undo }) => `  ${describe}\n    ${pasteable(undo.argv)}\n`);
  return `Leaving now. These commands undo what is left, and \`npm run -s blackstart -- cleanup\` runs them:\n${commands.join('')}`;
}
