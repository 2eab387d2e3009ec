import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Change } from '../undo/change.ts';
import { createUndoLog } from '../undo/undo-log.ts';
import { pendingText } from './pending.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'blackstart-pending-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('what is pending is told with its commands, in the order of undoing', () => {
  const path = folder();
  const log = createUndoLog(join(path, 'undo.jsonl'), { runId: 'r', owner: { pid: 0, started: '' } });
  const plan = (describe: string, needs: Change['needs']): ReturnType<typeof log.plan> =>
    log.plan({ describe, needs, undo: { argv: ['undo', describe], timeoutMs: 1 } });
  plan('the cluster', 'host');
  log.mark(plan('done', 'node'), 'undone');
  plan('cr', 'api');
  plan('park', 'node');
  plan('freeze', 'node');
  log.close();
  expect(pendingText(path).split('\n').slice(1)).toEqual([
    '  freeze',
    '    undo freeze',
    '  park',
    '    undo park',
    '  cr',
    '    undo cr',
    '  the cluster',
    "    undo 'the cluster'",
    '',
  ]);
});

test('a run that changed nothing yet has nothing to tell', () => {
  expect(pendingText(folder())).toBe('Leaving now. Nothing is left to undo.\n');
});
