import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findDeadRuns } from './dead-runs.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { createUndoLog } from './undo-log.ts';

const runs = mkdtempSync(join(tmpdir(), 'blackstart-dead-'));
const dead: ProcessIdentity = { pid: process.pid, started: 'another time' };

afterEach(() => rmSync(runs, { recursive: true }));

/** A folder with one change that was not taken back. */
function leave(folder: string, owner: ProcessIdentity): void {
  mkdirSync(join(runs, folder), { recursive: true });
  const log = createUndoLog(join(runs, folder, 'undo.jsonl'), { runId: 'r', owner });
  log.plan({ describe: folder, needs: 'api', undo: { argv: ['true'], timeoutMs: 1_000 } });
  log.close();
}

it('a study that died is found before its runs, and its cluster with it', () => {
  leave('sweep/today/01-small', dead);
  leave('sweep/today', dead);
  leave('single/today', dead);
  leave('sweep/tomorrow', identify(process.pid) ?? dead);
  expect(findDeadRuns(runs).map(({ pending }) => pending[0]?.describe)).toEqual([
    'single/today',
    'sweep/today',
    'sweep/today/01-small',
  ]);
});
