import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { scaleSweep } from '../experiment/study.ts';
import { buildRun } from '../verdict/testing/log-builder.ts';
import { isStudyFolder, judgeStudyFolder } from './judge-study.ts';

let folder = '';

const spec = scaleSweep({
  experiment: 'api-load',
  set: [],
  podsPerNode: 20,
  intervalS: 10,
  start: 30,
  saturation: 1_500,
  most: 500,
  to: 5_000,
  tolerance: 0.25,
});
const study = { schemaVersion: 1, study: 'scale-sweep', title: 't', question: 'q', backend: 'a-backend', seed: 1 };
const started = {
  type: 'run-started',
  schemaVersion: 1,
  experiment: 'scale-sweep',
  backend: 'a-backend',
  seed: 1,
  timeScale: 1,
  startedAt: '2026-01-02T03:04:05.678Z',
} as const;

function lines(bodies: readonly EventBody[]): string {
  return bodies.map((body, seq) => `${JSON.stringify({ ...body, seq, monotonicMs: seq })}\n`).join('');
}

function writeRun(name: string): void {
  const { plan, events } = buildRun();
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'plan.json'), JSON.stringify(plan));
  writeFileSync(join(folder, name, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-study-'));
  writeFileSync(join(folder, 'study.json'), JSON.stringify({ ...study, parameters: {}, spec }));
  const verified = { type: 'undo-verified', clean: true, leftovers: [] } as const;
  writeFileSync(join(folder, 'events.jsonl'), lines([started, verified, { type: 'run-ended' }]));
});

afterEach(() => rmSync(folder, { recursive: true }));

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

it('every run of a study is judged by itself, in the order in which they were made, and again to the same bytes', () => {
  for (const name of ['02-second', '10-third', '01-first']) writeRun(name);
  expect(isStudyFolder(folder)).toBe(true);
  const { result } = judgeStudyFolder(folder);
  expect(result.runs.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['first', 'pass'],
    ['second', 'pass'],
    ['third', 'pass'],
  ]);
  const files = ['result.json', 'report.txt', '01-first/result.json', '10-third/report.txt'];
  const before = files.map(read);
  judgeStudyFolder(folder);
  expect(files.map(read)).toEqual(before);
});

it('a run that cannot be read is one that could not be judged, not one that never was', () => {
  writeRun('01-first');
  writeFileSync(join(folder, '01-first', 'events.jsonl'), 'no event\nno event\n');
  expect(judgeStudyFolder(folder).result.runs).toMatchObject([
    { name: 'first', verdict: 'inconclusive', reasonCode: 'judge-error', load: null },
  ]);
});
