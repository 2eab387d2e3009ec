import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctor } from '../cluster/embedded/doctor.ts';
import { embeddedBackend } from '../cluster/embedded/embedded-backend.ts';
import { systemClock } from '../core/clock.ts';
import { run } from '../core/command.ts';
import type { EventBody } from '../core/events.ts';
import { readUndoLog } from '../undo/undo-log.ts';
import { studyCluster, type StudyCluster } from './study-cluster.ts';

const lowPorts = (await doctor()).every((check) => check.status === 'ok');
if (!lowPorts) process.stderr.write('Skipped: clusters cannot run on this machine, see `doctor`.\n');

const wants = { workers: 1, coreDns: 'workers', telemetry: null } as const;

describe.runIf(lowPorts)('the cluster of a study', () => {
  let root = '';
  let events: EventBody[] = [];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bs-'));
    events = [];
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const backend = (): ReturnType<typeof embeddedBackend> => embeddedBackend({ clock: systemClock, stateFolder: root });
  const open = async (signal: AbortSignal): Promise<StudyCluster> =>
    await studyCluster({
      name: 'blackstart-study-test',
      backend: backend(),
      cluster: wants,
      folder: root,
      keep: false,
      emit: (event) => events.push(event),
      clock: systemClock,
      run,
      signal,
    });
  const verified = (): EventBody | undefined => events.findLast(({ type }) => type === 'undo-verified');

  test('is made once, used by others, and gone in the end; its undo was written first', async () => {
    const cluster = await open(new AbortController().signal);
    await cluster.create();
    expect(await backend().list()).toEqual(['blackstart-study-test']);
    expect(readUndoLog(join(root, 'undo.jsonl')).pending).toHaveLength(1);
    expect(events.findLast(({ type }) => type === 'cluster-ready')).toMatchObject({ created: true });
    await cluster.remove();
    expect(verified()).toEqual({ type: 'undo-verified', clean: true, leftovers: [] });
    expect(await backend().list()).toEqual([]);
    expect(readUndoLog(join(root, 'undo.jsonl')).pending).toEqual([]);
  });

  test('that was interrupted while it came up leaves nothing', async () => {
    const interrupt = new AbortController();
    const cluster = await open(interrupt.signal);
    const creating = cluster.create();
    interrupt.abort('SIGINT');
    await expect(creating).rejects.toMatchObject({ code: 'interrupted' });
    await cluster.remove();
    expect(verified()).toMatchObject({ clean: true });
    expect(await backend().list()).toEqual([]);
  });
});
