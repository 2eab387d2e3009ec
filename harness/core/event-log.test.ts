import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { openEventLog, parseEventLog, readEventLog } from './event-log.ts';
import type { EventBody, RunEvent } from './events.ts';

const start: EventBody = {
  type: 'run-started',
  schemaVersion: 1,
  experiment: 'x',
  backend: 'b',
  seed: 1,
  timeScale: 60,
  startedAt: '2026-01-01T00:00:00.000Z',
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-log-'));
  path = join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeThree(): void {
  const log = openEventLog(path, systemClock);
  log.emit(start);
  log.emit({ type: 'note', message: 'one' });
  log.emit({ type: 'run-ended' });
  log.close();
}

test('what was emitted is read back, numbered and in time order', () => {
  writeThree();
  const events = readEventLog(path);
  expect(events.map(({ seq, type }) => [seq, type])).toEqual([
    [0, 'run-started'],
    [1, 'note'],
    [2, 'run-ended'],
  ]);
  expect(events.map((event) => event.monotonicMs)).toEqual(
    events.map((event) => event.monotonicMs).toSorted((a, b) => a - b),
  );
});

test('what is emitted after the end goes nowhere, not into the log that has the descriptor then', () => {
  const first = openEventLog(path, systemClock);
  first.emit(start);
  first.close();
  const next = join(folder, 'next.jsonl');
  const second = openEventLog(next, systemClock);
  second.emit(start);
  first.emit({ type: 'interrupted', signal: 'SIGTERM' });
  first.close();
  second.emit({ type: 'run-ended' });
  second.close();
  expect(readEventLog(next).map(({ type }) => type)).toEqual(['run-started', 'run-ended']);
  expect(readEventLog(path)).toHaveLength(1);
});

test('a watcher is told an event only after it was written', () => {
  const log = openEventLog(path, systemClock);
  const seen: [RunEvent, string][] = [];
  log.subscribe((event) => seen.push([event, readFileSync(path, 'utf8')]));
  log.emit(start);
  expect(seen[0]?.[1]).toContain(`"type":"${seen[0]?.[0].type}"`);
  log.close();
});

test('a log cut at any byte gives the whole events before the cut', () => {
  writeThree();
  const text = readFileSync(path, 'utf8');
  const firstEnd = text.indexOf('\n') + 1;
  for (let cut = firstEnd; cut <= text.length; cut++) {
    const whole = text.slice(0, cut).split('\n').length - 1;
    const events = parseEventLog(text.slice(0, cut), path);
    // A cut just before the line's end leaves a complete object.
    expect(events.length - whole, `cut at ${cut}`).toBeGreaterThanOrEqual(0);
    expect(events.length - whole).toBeLessThanOrEqual(1);
  }
});

test('a broken line in the middle is an error with its number', () => {
  writeThree();
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(() => parseEventLog([lines[0], '{"seq":1', lines[2], ''].join('\n'), 'log')).toThrow('log, line 2');
});

test('a missing event is an error, because numbers have no gap', () => {
  writeThree();
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(() => parseEventLog([lines[0], lines[2], ''].join('\n'), 'log')).toThrow('log, line 2');
});

test('a log of a newer version is refused', () => {
  const text = `${JSON.stringify({ seq: 0, monotonicMs: 0, ...start, schemaVersion: 2 })}\n`;
  expect(() => parseEventLog(text, 'log')).toThrow('schema version 2');
});

test('a log is never overwritten', () => {
  writeThree();
  appendFileSync(path, '');
  expect(() => openEventLog(path, systemClock)).toThrow('EEXIST');
});
