import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { writeMark } from '../ownership.ts';
import { fakeRun } from './fake-run.ts';
import { listKindClusters, removeStaleState } from './list.ts';

const rows = [
  'blackstart-a blackstart-a-worker worker',
  'blackstart-a blackstart-a-control-plane control-plane',
  'blackstart-b blackstart-b-control-plane control-plane',
  'kind kind-control-plane control-plane',
].join('\n');

test('clusters of ours are listed with their nodes; one whose mark cannot be read has no date', async () => {
  const { run } = fakeRun({
    'docker ps': rows,
    'docker exec blackstart-a-control-plane': writeMark('blackstart-a', new Date(0)),
    'docker exec blackstart-b-control-plane': { exitCode: 1, stderr: 'is paused' },
  });
  expect(await listKindClusters(run)).toEqual([
    {
      name: 'blackstart-a',
      nodes: ['blackstart-a-control-plane', 'blackstart-a-worker'],
      createdAt: '1970-01-01T00:00:00.000Z',
    },
    { name: 'blackstart-b', nodes: ['blackstart-b-control-plane'], createdAt: undefined },
  ]);
});

test('state of clusters that are gone is removed, that of living and of very young ones stays', async () => {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-list-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const name of ['blackstart-a', 'blackstart-gone', 'blackstart-young', 'other']) mkdirSync(join(root, name));
  for (const name of ['blackstart-a', 'blackstart-gone', 'other']) utimesSync(join(root, name), 0, 0);
  const { run } = fakeRun({ 'docker ps': rows });
  expect(await removeStaleState(run, systemClock, root)).toEqual(['blackstart-gone']);
  expect(readdirSync(root).toSorted()).toEqual(['blackstart-a', 'blackstart-young', 'other']);
});
