import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../core/clock.ts';
import type { CommandResult, Run } from '../core/command.ts';
import type { EventBody } from '../core/events.ts';
import { carryOut } from './carry-out.ts';
import type { Change } from './change.ts';
import { openChanges } from './changes.ts';
import { findDeadRuns } from './dead-runs.ts';
import { identify } from './process-identity.ts';
import { createUndoLog, markEntry, readUndoLog } from './undo-log.ts';

const fine: CommandResult = { exitCode: 0, stdout: '', stderr: '' };
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-undo-'));
  path = join(folder, 'undo.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A clock that only moves when somebody sleeps. */
function fakeClock(): Clock {
  let ms = 0;
  return {
    monotonicMs: () => ms,
    now: () => new Date(0),
    sleep: async (forMs) => {
      ms += forMs;
      await Promise.resolve();
    },
  };
}

function change(name: string, needs: Change['needs'], apply: () => Promise<void> = async () => {}): Change {
  return {
    describe: name,
    needs,
    undo: { argv: ['undo', name], timeoutMs: 1_000 },
    snapshot: async () => {},
    apply,
    verify: async () => [],
  };
}

function setUp(): { changes: ReturnType<typeof openChanges>; events: EventBody[] } {
  const owner = { pid: 0, started: 'long ago' };
  const events: EventBody[] = [];
  return { changes: openChanges(createUndoLog(path, { runId: 'r', owner }), (event) => events.push(event)), events };
}

test('the undo is on disk before the change is applied', async () => {
  const { changes } = setUp();
  let onDisk = '';
  await changes.inject(
    change('park', 'node', async () => {
      onDisk = readFileSync(path, 'utf8');
    }),
  );
  expect(onDisk).toContain('"argv":["undo","park"]');
});

test('a change whose apply fails is undone all the same', async () => {
  const { changes } = setUp();
  const undone: string[] = [];
  const failing = change('park', 'node', () => Promise.reject(new Error('half done')));
  await expect(changes.inject(failing)).rejects.toThrow('half done');
  await changes.healNodes({ clock: fakeClock(), apiDeadlineMs: 0, run: recording(undone) });
  expect(undone).toEqual(['park']);
});

test('node undos come first and newest first, then the API, then the host', async () => {
  const { changes } = setUp();
  const undone: string[] = [];
  for (const [name, needs] of [
    ['cluster', 'host'],
    ['cr-1', 'api'],
    ['park', 'node'],
    ['freeze', 'node'],
    ['cr-2', 'api'],
  ] as const) {
    await changes.inject(change(name, needs));
  }
  await changes.tearDown({ clock: fakeClock(), apiDeadlineMs: 0, run: recording(undone) });
  expect(undone).toEqual(['freeze', 'park', 'cr-2', 'cr-1', 'cluster']);
});

test('an undo that needs the API is tried again until it goes through', async () => {
  let tries = 0;
  const run: Run = async () => {
    tries += 1;
    if (tries < 4) throw new Error('connection refused');
    return await Promise.resolve(fine);
  };
  const { changes, events } = setUp();
  await changes.inject(change('cr', 'api'));
  await changes.healApi({ clock: fakeClock(), apiDeadlineMs: 10_000, run });
  expect(tries).toBe(4);
  expect(events.at(-1)).toMatchObject({ type: 'undo', outcome: 'ok' });
});

test('an undo that keeps failing is given up at its deadline, told, and stays pending', async () => {
  const { changes, events } = setUp();
  await changes.inject(change('cr', 'api'));
  await changes.healApi({ clock: fakeClock(), apiDeadlineMs: 10_000, run: refused });
  expect(events.at(-1)).toMatchObject({ type: 'undo', outcome: 'failed', message: 'connection refused' });
  expect(readUndoLog(path).pending).toHaveLength(1);
});

test('a failing undo does not stop the others', async () => {
  const undone: string[] = [];
  const entries = ['a', 'b'].map((name, id) => ({
    id,
    describe: name,
    needs: 'node' as const,
    undo: { argv: [name], timeoutMs: 1 },
  }));
  await carryOut(entries, {
    clock: fakeClock(),
    apiDeadlineMs: 0,
    run: (argv) => (argv[0] === 'b' ? Promise.reject(new Error('no')) : Promise.resolve(fine)),
    onUndone: (entry) => undone.push(entry.describe),
    onFailed: () => undefined,
  });
  expect(undone).toEqual(['a']);
});

test('a change that is kept is neither undone nor pending', async () => {
  const { changes } = setUp();
  const undone: string[] = [];
  const cluster = change('cluster', 'host');
  await changes.setUp(cluster);
  changes.keep(cluster);
  await changes.tearDown({ clock: fakeClock(), apiDeadlineMs: 0, run: recording(undone) });
  expect(undone).toEqual([]);
  expect(readUndoLog(path).pending).toEqual([]);
});

test('what goes away with its cluster is not undone, and not pending either', async () => {
  const { changes } = setUp();
  const undone: string[] = [];
  for (const [name, needs] of [
    ['cluster', 'host'],
    ['park', 'node'],
  ] as const) {
    await changes.setUp(change(name, needs));
  }
  await changes.tearDownCluster({ clock: fakeClock(), apiDeadlineMs: 0, run: recording(undone) });
  expect(undone).toEqual(['cluster']);
  expect(readUndoLog(path).pending).toEqual([]);
  expect(readFileSync(path, 'utf8')).toContain('{"state":"void","id":1}');
});

test('a verification that breaks counts as something left', async () => {
  const { changes } = setUp();
  await changes.inject({ ...change('park', 'node'), verify: () => Promise.reject(new Error('no answer')) });
  expect(await changes.verify(() => false, new AbortController().signal)).toEqual([
    { what: 'unknown whether this is undone: park (no answer)', command: 'undo park' },
  ]);
});

test('what could not be looked at in time counts as something left, what could does not', async () => {
  const { changes } = setUp();
  const controller = new AbortController();
  await changes.inject(change('freeze', 'node'));
  await changes.inject({ ...change('park', 'node'), verify: () => new Promise(() => controller.abort()) });
  expect(await changes.verify(() => false, controller.signal)).toEqual([
    { what: 'unknown whether this is undone: park (there was no time to look)', command: 'undo park' },
  ]);
});

test('a dead run is found with what it left; a living one is left alone', async () => {
  const runs = join(folder, 'runs');
  for (const [name, owner] of [
    ['dead', { pid: process.pid, started: 'another time' }],
    ['alive', identify(process.pid) ?? { pid: 0, started: '' }],
  ] as const) {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(runs, 'x', name), { recursive: true });
    createUndoLog(join(runs, 'x', name, 'undo.jsonl'), { runId: name, owner }).plan(change('park', 'node'));
  }
  const [dead, ...others] = findDeadRuns(runs);
  expect(others).toEqual([]);
  expect(dead).toMatchObject({ folder: join(runs, 'x', 'dead'), pending: [{ describe: 'park' }] });
  if (dead?.pending[0]) markEntry(dead.undoLog, dead.pending[0], 'undone');
  expect(findDeadRuns(runs)).toEqual([]);
});

const refused: Run = () => Promise.reject(new Error('connection refused'));

function recording(undone: string[]): Run {
  return async (argv) => {
    undone.push(argv[1] ?? '');
    return await Promise.resolve(fine);
  };
}
