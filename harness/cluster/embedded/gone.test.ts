import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { identify } from '../../undo/process-identity.ts';
import { embeddedBackend } from './embedded-backend.ts';

test('a cluster is gone when its host does not run and nothing changed for a quarter of an hour', async () => {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-gone-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const make = (name: string, startTicks: string | undefined, ageMinutes: number): void => {
    const folder = join(root, name);
    mkdirSync(folder);
    const host = { pid: process.pid, startTicks, name, subnet: 16 };
    if (startTicks !== undefined) writeFileSync(join(folder, 'host.json'), JSON.stringify(host));
    const time = new Date(Date.now() - ageMinutes * 60_000);
    utimesSync(folder, time, time);
  };
  make('blackstart-up', identify(process.pid)?.started, 16);
  make('blackstart-killed', '1', 16);
  make('blackstart-ended', undefined, 16);
  make('blackstart-new', undefined, 14);
  const gone = await embeddedBackend({ clock: systemClock, stateFolder: root }).gone();
  expect(gone.map(({ name }) => name).toSorted()).toEqual(['blackstart-ended', 'blackstart-killed']);
});
